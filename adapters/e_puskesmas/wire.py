"""The service's payloads, with its own names; columns without a field here are dropped.

Lenient: numbers are accepted as texts, unknown members are ignored. `repr` shows no values.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from adapters.legacy.envelopes import Part, empty_as

_CODE: Final = re.compile(r"\[([A-Z0-9-]{4,40})\]\s*\Z")


def _code_at_end(value: object) -> str | None:
    found = _CODE.search(value[-60:]) if isinstance(value, str) else None
    return found[1] if found else None


Code = Annotated[str | None, BeforeValidator(_code_at_end)]
"""The receipt code in brackets at the end of a free text; the text is dropped. None when there is no code."""


class Wire(BaseModel):
    """The base of all payloads."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ()


class Meta(Wire):
    """The status of an answer; codes are numbers or texts."""

    message: str | None = None
    code: int


class Envelope(Wire):
    """Every answer: `metaData` in the registration part, `metadata` in the queue part."""

    response: JsonValue = None
    meta: Meta = Field(validation_alias=AliasChoices("metaData", "metadata"))


class Poli(Wire):
    """A clinic in the list `ref/poli`."""

    kodepoli: str
    namapoli: str | None = None
    kdProvider: str  # noqa: N815 - the system's own name


class Jadwal(Wire):
    """The opening hours of the centre on one day of the week."""

    hari: str
    buka: str | None = None
    tutup: str | None = None


class Profil(Wire):
    """A health centre: `faskes/profil`; the client adds `poli` from `ref/poli` of the day."""

    kdProvider: str  # noqa: N815 - the system's own name
    nmProvider: str | None = None  # noqa: N815 - the system's own name
    alamat: str | None = None
    kdKelurahan: str | None = None  # noqa: N815 - the system's own name
    kodePos: str | None = None  # noqa: N815 - the system's own name
    telp: str | None = None
    lintang: str | None = None
    bujur: str | None = None
    jadwal: Annotated[tuple[Part[Jadwal], ...], empty_as(None, "")] = ()
    poli: tuple[Part[Poli], ...] = ()


class StatusAntrean(Wire):
    """A queue: `antrean/status`; the client adds the parameters `kdProvider`, `kodepoli` and `tanggal`."""

    kdProvider: str  # noqa: N815 - the system's own name
    kodepoli: str
    tanggal: str
    namapoli: str | None = None
    totalantrean: str | None = None
    sisaantrean: str | None = None
    antreanpanggil: str | None = None
    keterangan: str | None = None


class Peserta(Wire):
    """A participant: complete in `peserta/nik`, in part within a booking."""

    noKartu: str | None = None  # noqa: N815 - the system's own name
    noKTP: str | None = None  # noqa: N815 - the system's own name
    nama: str | None = None


class Provider(Wire):
    """A health centre within another record."""

    kdProvider: str | None = None  # noqa: N815 - the system's own name
    nmProvider: str | None = None  # noqa: N815 - the system's own name


class PoliPendaftaran(Wire):
    """A clinic within a booking."""

    kdPoli: str  # noqa: N815 - the system's own name
    nmPoli: str | None = None  # noqa: N815 - the system's own name


class Pendaftaran(Wire):
    """A booking. The complaint is not read."""

    noUrut: str  # noqa: N815 - the system's own name
    tglDaftar: str  # noqa: N815 - the system's own name
    peserta: Peserta
    poli: PoliPendaftaran
    providerPelayanan: Provider | None = None  # noqa: N815 - the system's own name
    status: str | None = None
    panggil: str | None = None
    batal: str | None = None
    waktuCheckIn: str | None = None  # noqa: N815 - the system's own name
    estimasiDilayani: str | None = None  # noqa: N815 - the system's own name


class Berkode(Pendaftaran):
    """A booking, for its look-up by receipt code: of complaint and reason, only the code is read."""

    keluhan: Code = None
    alasanBatal: Code = None  # noqa: N815 - the system's own name


class Keterangan(Wire):
    """A field and a text: the number of a new booking, or an objection."""

    field: str
    message: str


class Asuransi(Wire):
    """The payer of a visit."""

    nama: str | None = None


class Kunjungan(Wire):
    """A visit. Complaint, findings and treatment are not read."""

    noKunjungan: Annotated[str, Field(min_length=1)]  # noqa: N815 - the system's own name
    peserta: Peserta
    poli: PoliPendaftaran
    providerPelayanan: Provider | None = None  # noqa: N815 - the system's own name
    waktuDaftar: str | None = None  # noqa: N815 - the system's own name
    tanggalMulai: str | None = None  # noqa: N815 - the system's own name
    tanggalSelesai: str | None = None  # noqa: N815 - the system's own name
    kdTkp: str | None = None  # noqa: N815 - the system's own name
    statusPeriksa: str | None = None  # noqa: N815 - the system's own name
    batal: str | None = None
    asuransi: Asuransi | None = None


class Halaman(Wire):
    """A page of bookings or visits; its rows are validated one by one."""

    list: Annotated[tuple[JsonValue, ...], empty_as(None, "")] = ()
    count: int | None = None
