"""The service's payloads, with its own names; what is not named here never leaves the answer.

Lenient: numbers may come for texts, unknown members are ignored. Nothing is shown by `repr`.
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
"""Of a free text nothing but the receipt code in brackets at its end; None when there is none."""


class Wire(BaseModel):
    """What all of them have in common."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ()


class Meta(Wire):
    """What the service says about its answer; codes come as numbers and as text."""

    message: str | None = None
    code: int


class Envelope(Wire):
    """Every answer: `metaData` in the registration part, `metadata` in the queue part."""

    response: JsonValue = None
    meta: Meta = Field(validation_alias=AliasChoices("metaData", "metadata"))


class Poli(Wire):
    """A clinic, as `ref/poli` lists it."""

    kodepoli: str
    namapoli: str | None = None
    kdProvider: str  # noqa: N815 - the system's own name


class Jadwal(Wire):
    """When the centre is open on one day of the week."""

    hari: str
    buka: str | None = None
    tutup: str | None = None


class Profil(Wire):
    """One record of FACILITY: `faskes/profil`, with `poli` put in from `ref/poli` of the day."""

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
    """One record of QUEUE: `antrean/status`, with what was asked put in (`kdProvider`, `kodepoli`, `tanggal`)."""

    kdProvider: str  # noqa: N815 - the system's own name
    kodepoli: str
    tanggal: str
    namapoli: str | None = None
    totalantrean: str | None = None
    sisaantrean: str | None = None
    antreanpanggil: str | None = None
    keterangan: str | None = None


class Peserta(Wire):
    """A participant: whole in `peserta/nik`, in part within a booking."""

    noKartu: str | None = None  # noqa: N815 - the system's own name
    noKTP: str | None = None  # noqa: N815 - the system's own name
    nama: str | None = None


class Provider(Wire):
    """A health centre, as other records name it."""

    nmProvider: str | None = None  # noqa: N815 - the system's own name


class PoliPendaftaran(Wire):
    """A clinic, as a booking names it."""

    kdPoli: str  # noqa: N815 - the system's own name
    nmPoli: str | None = None  # noqa: N815 - the system's own name


class Pendaftaran(Wire):
    """One record of APPOINTMENT: a booking. The complaint is not read at all."""

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
    """A booking, when one is looked for by its receipt code: of the complaint and the reason only that is read."""

    keluhan: Code = None
    alasanBatal: Code = None  # noqa: N815 - the system's own name


class Keterangan(Wire):
    """A field and a word about it: the number of a new booking, or what the desk objects to."""

    field: str
    message: str


class Asuransi(Wire):
    """Who pays for a visit."""

    nama: str | None = None


class Kunjungan(Wire):
    """One record of VISIT. What was complained of, found and given is not read at all."""

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
    """A page of bookings or visits; its rows are read one by one."""

    list: Annotated[tuple[JsonValue, ...], empty_as(None, "")] = ()
    count: int | None = None
