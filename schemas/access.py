"""An access to personal data, as the person it is about sees it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general
from schemas.texts import Text


class Actor(StrEnum):
    """Who looked: the person themselves, an officer, or another resident.

    `result` says whether anything was shown: nothing is shown to another resident, unless their account had this NIK
    before.
    """

    SELF = "self"
    OFFICER = "officer"
    RESIDENT = "resident"


class Access(Classed):
    """One access: when, by whom, why, to what, with what result."""

    id: Annotated[str, general("Nomor", "Opaque id")]
    at: Annotated[datetime, general("Pada", "When")]
    actor: Annotated[Actor, general("Oleh", "Who looked")]
    client: Annotated[str, general("Aplikasi", "Client application", examples=["gerbang-mobile"])]
    purpose: Annotated[Text, general("Tujuan", "Purpose")]
    operation: Annotated[str, general("Operasi", "Operation of the API", examples=["getMyOverview"])]
    resource: Annotated[str, general("Jenis data", "Resource", examples=["application"])]
    systems: Annotated[tuple[str, ...], general("Sistem", "Systems that were asked")]
    records: Annotated[int, general("Jumlah", "Records shown")]
    classes: Annotated[tuple[str, ...], general("Kelas data", "Data classes that could be seen")]
    result: Annotated[str, general("Hasil", "Result", examples=["shown"])]
    request_id: Annotated[str, general("Nomor permintaan", "Number of the request")]
