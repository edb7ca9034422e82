"""The payloads of the control centre's web service, under its own names.

Only the fields that are needed are taken up: internal addresses and tokens stand in others, and in addresses, which
are therefore not shown by `repr`.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """A payload: unknown keys are dropped, a number counts as the text it is in other rows."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


class Posisi(Wire):
    """A row of the table of positions that the agency keeps beside the wall."""

    kode: str
    simpang: str | None = None
    lintang: str | None = None
    bujur: str | None = None


class Aliran(Wire):
    """What was found when a stream was looked at: when, and the end of its newest piece, if it has one that counts.

    Put in by the client; nothing of it comes from the wall, which calls every camera `Online`.
    """

    diperiksa: AwareDatetime
    terbaru: AwareDatetime | None = None
    bertanggal: bool = True


class Kamera(Wire):
    """A camera of the wall. `posisi`, `aliran` and `asal` (the wall's own origin) are put in by the client."""

    code: Annotated[str, Field(min_length=1, max_length=100)]
    name: str | None = None
    stream: Annotated[str | None, Field(repr=False)] = None
    poster: Annotated[str | None, Field(repr=False)] = None
    posisi: Posisi | None = None
    aliran: Aliran | None = None
    asal: Annotated[str, Field(repr=False)] = ""


class Hitungan(Wire):
    """What the loops of one arm of a junction counted. `posisi`, `diambil` (when it was asked) are the client's."""

    simpang: Annotated[str, Field(min_length=1, max_length=40)]
    arah: Annotated[str, Field(min_length=1, max_length=40)]
    nama: str | None = None
    jumlah: str | None = None
    selang: str | None = None
    derajat_jenuh: str | None = None
    waktu: str | None = None
    posisi: Posisi | None = None
    diambil: datetime | None = None


class Jam(Wire):
    """What time it is in the centre."""

    waktu: str | None = None
