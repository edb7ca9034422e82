"""The letters that a kelurahan issues, as in e-kelurahan's catalogue (table `layanan`)."""

from dataclasses import dataclass
from typing import Final

_KTP, _KK, _RT = "Fotokopi KTP", "Fotokopi KK", "Surat pengantar RT"
_USUAL: Final = (_KTP, _KK, _RT)


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind of letter.

    `tabel` and `jenis` determine where its applications are stored; only `surat` has a `jenis`. `hari` is the number of
    working days, `juga` the additional required papers.
    """

    kode: str
    nama: str
    klasifikasi: str
    hari: int
    jenis: str = ""
    tabel: str = "surat"
    biasa: tuple[str, ...] = _USUAL
    juga: tuple[str, ...] = ()
    produk: str = "Surat keterangan"
    aktif: str = "Y"


_POOR: Final = ("Surat pernyataan tidak mampu bermeterai",)
_SHOP: Final = ("Foto tempat usaha",)
_SEPARATED: Final = ("Akta cerai atau surat kematian",)
_BORN: Final = ("Surat keterangan lahir dari bidan atau rumah sakit",)
_DIED: Final = ("Surat kematian dari rumah sakit (bila ada)",)
_HEIRS: Final = ("Akta kematian", "Silsilah keluarga")

LETTERS: Final = (
    Letter("KTP", "Blanko Permohonan KTP", "471.13", 1, "0", biasa=(_KK, _RT), juga=("Pas foto 3x4 (2 lembar)",)),
    Letter(
        "SKCK", "Surat Pengantar SKCK", "331.1", 1, "1", juga=("Pas foto 4x6 (2 lembar)",), produk="Surat pengantar"
    ),
    Letter("SKTM", "Surat Keterangan Tidak Mampu", "401", 3, "2", juga=_POOR),
    Letter("SKTMRT", "Surat Keterangan Tidak Mampu dari RT", "401", 3, "3", biasa=(_KTP, _RT)),
    Letter("PGT", "Surat Pengantar", "470", 1, "4", produk="Surat pengantar"),
    Letter("DOM", "Surat Keterangan Domisili", "145.1", 2, "5"),
    Letter("DOMUSH", "Surat Keterangan Domisili Usaha", "503", 3, "6", juga=_SHOP),
    Letter("LAHIR", "Surat Keterangan Kelahiran", "474.1", 1, "7", juga=_BORN),
    Letter("LHRMTI", "Surat Keterangan Lahir Mati", "474.1", 1, "8"),
    Letter("MATI", "Surat Keterangan Kematian", "474.3", 1, "9", juga=_DIED),
    Letter("PINDAH", "Surat Pengantar Pindah", "475", 2, "10", produk="Surat pengantar"),
    Letter(
        "NIKAH", "Surat Pengantar Nikah (N1)", "474.2", 2, "11", juga=("Pas foto 2x3 (bila ada)",), produk="Formulir N1"
    ),
    Letter("BLMNKH", "Surat Keterangan Belum Menikah", "470.1", 2, "12"),
    Letter("JANDA", "Surat Keterangan Janda/Duda", "474.2", 2, "13", juga=_SEPARATED),
    Letter("HILANG", "Surat Keterangan Kehilangan", "331", 1, "14"),
    Letter("RAMAI", "Surat Ijin Keramaian", "300", 3, "15", produk="Surat ijin"),
    Letter("HASIL", "Surat Keterangan Penghasilan", "474.4", 2, "16", juga=("Slip gaji (bila ada)",)),
    Letter("WARIS", "Surat Keterangan Ahli Waris", "593", 5, "17", juga=_HEIRS),
    Letter("BEDA", "Surat Keterangan Beda Identitas", "474", 2, "18", juga=("Dokumen yang berbeda",)),
    Letter("PERGI", "Surat Keterangan Bepergian", "475", 1, "19", aktif="T"),
    Letter("KK", "Surat Pengantar Kartu Keluarga", "471.12", 1, "20", produk="Surat pengantar"),
    Letter("LAIN", "Surat Keterangan Lainnya", "470", 3, "21"),
    Letter("SKTMSEK", "Surat Keterangan Tidak Mampu untuk Sekolah", "421", 3, tabel="surat_ktm_sekolah", juga=_POOR),
    Letter("USAHA", "Surat Keterangan Usaha", "503", 3, tabel="surat_ijin_usaha", juga=_SHOP),
)

TABLES: Final = {"surat": "S", "surat_ktm_sekolah": "K", "surat_ijin_usaha": "U"}
"""The tables of applications, with the initial letter of their registration numbers."""
