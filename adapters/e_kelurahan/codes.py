"""The code lists of e-kelurahan, and their canonical equivalents."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas.application import ApplicationAction
from schemas.case import CaseStatus as Status
from schemas.code_lists import CodeList, CodeValue
from schemas.document import DocumentKind
from schemas.service import Evidence
from schemas.texts import Text

LETTER_TYPE: Final = "letter-type"
"""The canonical code list of letters."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A kind of letter: canonical code, the system's code, table and type of its applications, and names."""

    code: str
    kode: str
    tabel: str
    jenis: str
    name: Text


def _letter(code: str, kode: str, place: str, name: str, english: str) -> Letter:
    tabel, _, jenis = place.partition(" ")
    return Letter(code, kode, tabel, jenis, Text(id=name, en=english))


LETTERS: Final = (
    _letter("identity-card", "KTP", "surat 0", "Blanko Permohonan KTP", "Identity card application form"),
    _letter("police-record", "SKCK", "surat 1", "Surat Pengantar SKCK", "Introduction for a police record certificate"),
    _letter("poverty", "SKTM", "surat 2", "Surat Keterangan Tidak Mampu", "Statement of insufficient means"),
    _letter(
        "poverty-neighbourhood", "SKTMRT", "surat 3", "Surat Keterangan Tidak Mampu dari RT",
        "Statement of insufficient means by the neighbourhood unit",
    ),
    _letter("introduction", "PGT", "surat 4", "Surat Pengantar", "Letter of introduction"),
    _letter("domicile", "DOM", "surat 5", "Surat Keterangan Domisili", "Statement of domicile"),
    _letter("business-domicile", "DOMUSH", "surat 6", "Surat Keterangan Domisili Usaha", "Business domicile statement"),
    _letter("birth", "LAHIR", "surat 7", "Surat Keterangan Kelahiran", "Statement of birth"),
    _letter("stillbirth", "LHRMTI", "surat 8", "Surat Keterangan Lahir Mati", "Statement of stillbirth"),
    _letter("death", "MATI", "surat 9", "Surat Keterangan Kematian", "Statement of death"),
    _letter("relocation", "PINDAH", "surat 10", "Surat Pengantar Pindah", "Introduction for relocation"),
    _letter("marriage-introduction", "NIKAH", "surat 11", "Surat Pengantar Nikah (N1)", "Marriage introduction (N1)"),
    _letter("unmarried", "BLMNKH", "surat 12", "Surat Keterangan Belum Menikah", "Statement of being unmarried"),
    _letter("widowhood", "JANDA", "surat 13", "Surat Keterangan Janda/Duda", "Statement of being widowed or divorced"),
    _letter("loss", "HILANG", "surat 14", "Surat Keterangan Kehilangan", "Statement of loss"),
    _letter("public-event", "RAMAI", "surat 15", "Surat Ijin Keramaian", "Permit for a public event"),
    _letter("income", "HASIL", "surat 16", "Surat Keterangan Penghasilan", "Statement of income"),
    _letter("inheritance", "WARIS", "surat 17", "Surat Keterangan Ahli Waris", "Statement of heirs"),
    _letter("identity-difference", "BEDA", "surat 18", "Surat Keterangan Beda Identitas", "Two identities statement"),
    _letter("travel", "PERGI", "surat 19", "Surat Keterangan Bepergian", "Travel statement"),
    _letter("family-card", "KK", "surat 20", "Surat Pengantar Kartu Keluarga", "Introduction for a family card"),
    _letter("other", "LAIN", "surat 21", "Surat Keterangan Lainnya", "Other statement"),
    _letter(
        "poverty-school", "SKTMSEK", "surat_ktm_sekolah", "Surat Keterangan Tidak Mampu untuk Sekolah",
        "Statement of insufficient means for school",
    ),
    _letter("business", "USAHA", "surat_ijin_usaha", "Surat Keterangan Usaha", "Statement of business"),
)  # fmt: skip

ARCHIVE_CLASS: Final = "klasifikasi-arsip"
"""The national code list of archives, which e-kelurahan does not contain."""
OWN_LETTERS: Final = "e-kelurahan/kode"
"""The list of a letter of the catalogue that is not in the table."""

CODE_LISTS: Final = (
    CodeList(
        scheme=LETTER_TYPE,
        name=Text(id="Jenis surat", en="Type of letter"),
        values=tuple(CodeValue(code=letter.code, text=letter.name) for letter in LETTERS),
    ),
    CodeList(scheme=ARCHIVE_CLASS, name=Text(id="Klasifikasi arsip", en="Archive classification code"), complete=False),
)

BY_CODE: Final[Mapping[str, Letter]] = MappingProxyType({letter.code: letter for letter in LETTERS})
BY_KODE: Final[Mapping[str, Letter]] = MappingProxyType({letter.kode: letter for letter in LETTERS})
BY_PLACE: Final[Mapping[tuple[str, str], Letter]] = MappingProxyType(
    {(letter.tabel, letter.jenis): letter for letter in LETTERS}
)

_REGISTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"surat": "S", "surat_ktm_sekolah": "K", "surat_ijin_usaha": "U"}
)

BY_STATUS: Final[Mapping[str, Status]] = MappingProxyType(
    {"2": Status.REJECTED, "3": Status.WITHDRAWN, "4": Status.NEEDS_COMPLETION, "5": Status.REVOKED}
)
"""The values of `status` whose meaning does not depend on other columns."""

STATUS_TEXTS: Final[Mapping[Status, Text]] = MappingProxyType(
    {
        Status.SUBMITTED: Text(id="Diterima", en="Received"),
        Status.NEEDS_COMPLETION: Text(id="Lengkapi berkas", en="Papers are missing"),
        Status.UNDER_REVIEW: Text(id="Sedang diperiksa", en="Being checked"),
        Status.AWAITING_SIGNATURE: Text(id="Menunggu tanda tangan", en="Waiting for the signature"),
        Status.COLLECTED: Text(id="Selesai", en="Collected"),
        Status.REJECTED: Text(id="Ditolak", en="Refused"),
        Status.WITHDRAWN: Text(id="Dibatalkan", en="Withdrawn"),
    }
)
"""The system's wording of a status, where it differs from the canonical text."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step on a stamp: the status that it reached, and its own word in both languages."""

    status: Status
    text: Text


def _step(status: Status, word: str, english: str) -> tuple[str, Step]:
    return word.lower(), Step(status, Text(id=word, en=english))


STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    dict(
        (
            _step(Status.SUBMITTED, "Diajukan", "Submitted"),
            _step(Status.SUBMITTED, "Dilengkapi", "Missing papers supplied"),
            _step(Status.NEEDS_COMPLETION, "Berkas dikembalikan", "Papers sent back"),
            _step(Status.UNDER_REVIEW, "Diverifikasi", "Checked"),
            _step(Status.AWAITING_SIGNATURE, "Diparaf", "Initialled"),
            _step(Status.APPROVED, "Disetujui", "Approved"),
            _step(Status.READY, "Siap diambil", "Ready to be collected"),
            _step(Status.COLLECTED, "Diambil", "Collected"),
            _step(Status.REJECTED, "Ditolak", "Refused"),
            _step(Status.WITHDRAWN, "Dibatalkan", "Withdrawn"),
            _step(Status.REVOKED, "Dicabut", "Revoked"),
        )
    )
)
"""The steps, by the word on a stamp in lower case."""

SUPPLEMENT: Final = "lengkapi"
WITHDRAW: Final = "batalkan"
"""The steps that an applicant may take, as options of the form."""
ACTIONS: Final[Mapping[str, ApplicationAction]] = MappingProxyType(
    {SUPPLEMENT: ApplicationAction.SUPPLEMENT, WITHDRAW: ApplicationAction.WITHDRAW}
)

ROLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "pemohon": Text(id="Pemohon", en="Applicant"),
        "petugas": Text(id="Petugas", en="Officer"),
        "kasi": Text(id="Kepala Seksi", en="Head of section"),
        "lurah": Text(id="Lurah", en="Head of the kelurahan"),
    }
)
"""The roles, by the word on a stamp in lower case."""

FILE_KINDS: Final[Mapping[str, DocumentKind]] = MappingProxyType(
    {"surat": DocumentKind.LETTER, "lampiran": DocumentKind.ATTACHMENT}
)
"""The kinds of file, by the word in the table of files in lower case."""
OWN_FILE_KINDS: Final = "e-kelurahan/jenis-berkas"
"""The list of a kind of file that is not in the table."""

REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "NIK tidak terdaftar.": "applicant-unknown",
        "Layanan tidak tersedia.": "service-not-offered",
        "Kelurahan tidak dikenal.": "region-unknown",
        "Keperluan wajib diisi.": "purpose-refused",
        "Permohonan sudah diputuskan.": "too-late",
        "Catatan wajib diisi.": "note-refused",
    }
)
"""The code in a receipt for each refusal message of the forms."""

ENGLISH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Fotokopi KTP": "Copy of the identity card",
        "Fotokopi KK": "Copy of the family card",
        "Surat pengantar RT": "Letter of introduction by the neighbourhood unit (RT)",
        "Surat pernyataan tidak mampu bermeterai": "Declaration of insufficient means, with duty stamp",
        "Foto tempat usaha": "Photograph of the business premises",
        "Akta cerai atau surat kematian": "Divorce certificate or death statement",
        "Surat keterangan lahir dari bidan atau rumah sakit": "Birth statement of the midwife or hospital",
        "Surat kematian dari rumah sakit": "Death statement of the hospital",
        "Akta kematian": "Death certificate",
        "Silsilah keluarga": "Family tree",
        "Slip gaji": "Pay slip",
        "Dokumen yang berbeda": "The documents that differ",
        "Pas foto 3x4 (2 lembar)": "Two photographs, 3 by 4 cm",
        "Pas foto 4x6 (2 lembar)": "Two photographs, 4 by 6 cm",
        "Pas foto 2x3": "Photograph, 2 by 3 cm",
        "Blanko": "Form",
        "Formulir N1": "Form N1",
        "Surat keterangan": "Statement",
        "Surat pengantar": "Letter of introduction",
        "Surat ijin": "Permit",
        "Loket kelurahan, pada jam kerja": "Counter of the kelurahan, during office hours",
        "Peraturan Wali Kota Banjarmasin Nomor 59 Tahun 2013": "Regulation of the Mayor of Banjarmasin 59 of 2013",
    }
)
"""English for common texts of the catalogue; other texts have Indonesian only."""

EVIDENCE: Final[Mapping[str, Evidence]] = MappingProxyType(
    {"Fotokopi KTP": Evidence.IDENTITY_CARD, "Fotokopi KK": Evidence.FAMILY_CARD}
)
"""The requirements that a register of the city can prove; all others are paper documents."""


def registration_number(key: str) -> str | None:
    """Return the number of an application at the counter: S-0456 for number 0456 of the first table."""
    table, _, number = key.partition("/")
    letter = _REGISTERS.get(table)
    return f"{letter}-{number}" if letter else None
