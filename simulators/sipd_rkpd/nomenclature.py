"""Programmes, activities and sub-activities of some agencies, in both nomenclatures."""

from typing import Final

AGENCIES: Final = {
    "1.01": ("1.01.0.00.0.00.01.0000", "Dinas Pendidikan"),
    "1.02": ("1.02.0.00.0.00.01.0000", "Dinas Kesehatan"),
    "1.03": ("1.03.0.00.0.00.01.0000", "Dinas Pekerjaan Umum dan Penataan Ruang"),
    "1.04": ("1.04.0.00.0.00.01.0000", "Dinas Perumahan Rakyat dan Kawasan Permukiman"),
    "2.11": ("2.11.0.00.0.00.01.0000", "Dinas Lingkungan Hidup"),
    "2.15": ("2.15.0.00.0.00.01.0000", "Dinas Perhubungan"),
    "2.17": ("2.17.0.00.0.00.01.0000", "Dinas Koperasi, Usaha Mikro dan Tenaga Kerja"),
}
KECAMATAN: Final = (
    ("7.01.0.00.0.00.01.0000", "Kecamatan Banjarmasin Selatan"),
    ("7.01.0.00.0.00.02.0000", "Kecamatan Banjarmasin Timur"),
)
"""Two agencies whose plan lines have the same codes."""

PROGRAMMES: Final = (
    ("1.01.02", "PROGRAM PENGELOLAAN PENDIDIKAN", (("2.01", "Pengelolaan Pendidikan Sekolah Dasar"),)),
    (
        "1.02.02",
        "PROGRAM PEMENUHAN UPAYA KESEHATAN PERORANGAN DAN UPAYA KESEHATAN MASYARAKAT",
        (
            ("2.01", "Penyediaan Fasilitas Pelayanan Kesehatan untuk UKM dan UKP"),
            ("2.02", "Penyediaan Layanan Kesehatan untuk UKM dan UKP Rujukan"),
        ),
    ),
    ("1.03.06", "PROGRAM PENGELOLAAN DAN PENGEMBANGAN SISTEM DRAINASE", (("2.01", "Pengelolaan Sistem Drainase"),)),
    ("1.03.10", "PROGRAM PENYELENGGARAAN JALAN", (("2.01", "Penyelenggaraan Jalan Kabupaten/Kota"),)),
    ("1.04.03", "PROGRAM KAWASAN PERMUKIMAN", (("2.02", "Penataan dan Peningkatan Kualitas Permukiman Kumuh"),)),
    ("2.11.11", "PROGRAM PENGELOLAAN PERSAMPAHAN", (("2.01", "Pengelolaan Sampah"),)),
    (
        "2.15.02",
        "PROGRAM PENYELENGGARAAN LALU LINTAS DAN ANGKUTAN JALAN (LLAJ)",
        (
            ("2.06", "Pelaksanaan Manajemen dan Rekayasa Lalu Lintas untuk Jaringan Jalan Kota"),
            ("2.09", "Penyediaan Angkutan Umum untuk Jasa Angkutan Orang dan/atau Barang"),
        ),
    ),
    ("2.15.03", "PROGRAM PENGELOLAAN PELAYARAN", (("2.12", "Pembangunan dan Pengoperasian Pelabuhan Lokal"),)),
    ("2.17.07", "PROGRAM PEMBERDAYAAN USAHA MIKRO", (("2.01", "Pemberdayaan Usaha Mikro dan Wirausaha Baru"),)),
)
SUB_ACTIVITIES: Final = (
    ("0001", "Penyusunan Rencana dan Kebijakan"),
    ("0004", "Pembangunan dan Rehabilitasi Sarana"),
    ("0011", "Pembinaan, Pengawasan dan Evaluasi"),
)
OLD: Final = (
    ("1.07", "1.07-0015", "Program Pembangunan Prasarana dan Fasilitas Perhubungan", "Dinas Perhubungan"),
    ("1.03", "1.03-0018", "Program Rehabilitasi/Pemeliharaan Jalan dan Jembatan", "Dinas Pekerjaan Umum"),
)
OLD_ACTIVITIES: Final = (
    ("0004", "Pembangunan halte bus, taxi gedung terminal"),
    ("0009", "Rehabilitasi/pemeliharaan sarana"),
)
