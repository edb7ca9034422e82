"""Purposes of access to personal data, which the law requires on record (UU 27/2022, articles 20 and 31)."""

from schemas.codes import Code


class Purpose(Code):
    """The purpose of an access. A resident who reads their own data has `own-access`; other callers name theirs."""

    OWN_ACCESS = "own-access", "Melihat data sendiri", "Reading one's own data"
    APPLICATION_HANDLING = "application-handling", "Menangani permohonan", "Handling an application"
    IDENTITY_VERIFICATION = "identity-verification", "Memeriksa identitas", "Verifying an identity"
    COMPLAINT_HANDLING = "complaint-handling", "Menangani pengaduan", "Handling a complaint"


OFFICER_PURPOSES = (Purpose.APPLICATION_HANDLING, Purpose.IDENTITY_VERIFICATION, Purpose.COMPLAINT_HANDLING)
