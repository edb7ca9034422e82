"""An access to personal data, as shown to the person whose data it is."""

from datetime import datetime
from typing import Annotated

from schemas.classes import Classed, general
from schemas.codes import Code
from schemas.texts import Text


class Actor(Code):
    """The person who accessed the data: the data subject, an officer, or another resident.

    `result` states whether anything was shown: nothing is shown to another resident, unless their account had this NIK
    before.
    """

    SELF = "self", "Diri sendiri", "The account holder"
    OFFICER = "officer", "Petugas", "Officer"
    RESIDENT = "resident", "Warga lain", "Another resident"


class Access(Classed):
    """One access: time, actor, purpose, resource and result."""

    id: Annotated[str, general("Nomor", "Opaque id")]
    at: Annotated[datetime, general("Pada", "When")]
    actor: Annotated[Actor, general("Oleh", "Who accessed the data")]
    client: Annotated[str, general("Aplikasi", "Client application", examples=["gerbang-mobile"])]
    purpose: Annotated[Text, general("Tujuan", "Purpose")]
    operation: Annotated[str, general("Operasi", "Operation of the API", examples=["getMyOverview"])]
    resource: Annotated[str, general("Jenis data", "Resource", examples=["application"])]
    systems: Annotated[tuple[str, ...], general("Sistem", "Systems that were queried")]
    records: Annotated[int, general("Jumlah", "Records shown")]
    classes: Annotated[tuple[str, ...], general("Kelas data", "Data classes that were visible")]
    result: Annotated[str, general("Hasil", "Result", examples=["shown"])]
    request_id: Annotated[str, general("Nomor permintaan", "Number of the request")]
