"""The payloads of the control centre's web service, with its own names.

Only the necessary fields are read: others contain internal addresses and tokens, as do addresses, which `repr`
therefore does not show.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """A payload: unknown keys are dropped, numbers are read as text."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


class Posisi(Wire):
    """A row of the agency's separate table of positions."""

    kode: str
    simpang: str | None = None
    lintang: str | None = None
    bujur: str | None = None


class Aliran(Wire):
    """The result of checking a stream: when, and the end of its newest segment, if it has one.

    Set by the client; the wall itself reports every camera as `Online`.
    """

    diperiksa: AwareDatetime
    terbaru: AwareDatetime | None = None
    bertanggal: bool = True


class Kamera(Wire):
    """A camera of the wall. The client sets `posisi`, `aliran` and `asal` (the wall's own origin)."""

    code: Annotated[str, Field(min_length=1, max_length=100)]
    name: str | None = None
    stream: Annotated[str | None, Field(repr=False)] = None
    poster: Annotated[str | None, Field(repr=False)] = None
    posisi: Posisi | None = None
    aliran: Aliran | None = None
    asal: Annotated[str, Field(repr=False)] = ""


class Hitungan(Wire):
    """The counts of the loops of one arm of a junction.

    The client sets `posisi` and `diambil` (time of the request).
    """

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
    """The time of the centre's clock."""

    waktu: str | None = None
