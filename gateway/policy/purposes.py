"""Purposes of access to personal data, which the law requires on record (UU 27/2022, articles 20 and 31)."""

from enum import StrEnum

from schemas.texts import Text


class Purpose(StrEnum):
    """The purpose of an access. A resident who reads their own data has `own-access`; other callers name theirs."""

    OWN_ACCESS = "own-access"
    APPLICATION_HANDLING = "application-handling"
    IDENTITY_VERIFICATION = "identity-verification"
    COMPLAINT_HANDLING = "complaint-handling"


OFFICER_PURPOSES = (Purpose.APPLICATION_HANDLING, Purpose.IDENTITY_VERIFICATION, Purpose.COMPLAINT_HANDLING)

PURPOSE_TEXTS: dict[Purpose, Text] = {
    Purpose.OWN_ACCESS: Text(id="Melihat data sendiri", en="Reading one's own data"),
    Purpose.APPLICATION_HANDLING: Text(id="Menangani permohonan", en="Handling an application"),
    Purpose.IDENTITY_VERIFICATION: Text(id="Memeriksa identitas", en="Verifying an identity"),
    Purpose.COMPLAINT_HANDLING: Text(id="Menangani pengaduan", en="Handling a complaint"),
}
