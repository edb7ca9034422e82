"""Names of invented residents, and of the streets that they live in.

No real person has these names: a given name is followed by words for trees, rivers, stones and weather.
"""

from typing import Final

MEN: Final = (
    "Arsyad", "Bahrun", "Darmawi", "Fahrul", "Gazali", "Hamdani", "Iberahim", "Jamhari", "Kaspul", "Lutpi",
    "Mahyudin", "Norhadi", "Pahruni", "Rusmadi", "Sarbini", "Taufikur", "Utuh", "Wahidin", "Yuseran", "Zainuri",
)  # fmt: skip
WOMEN: Final = (
    "Aluh", "Bariah", "Dahlia", "Fitriah", "Galuh", "Hasanah", "Intan", "Jumiati", "Kamariah", "Latifah",
    "Mahrita", "Norlaila", "Purnama", "Raudah", "Salasiah", "Tarwiyah", "Ulpah", "Wardiah", "Yuliana", "Zubaidah",
)  # fmt: skip
SECOND: Final = (
    "Galam", "Ulin", "Sungkai", "Keruing", "Meranti", "Bangkirai", "Kenanga", "Melati", "Teratai", "Cempaka",
    "Pandan", "Rumbia", "Nipah", "Jelutung", "Ramania", "Kasturi", "Kuini", "Mundu", "Binjai", "Kapul",
)  # fmt: skip
THIRD: Final = (
    "Embun", "Fajar", "Hujan", "Pelangi", "Senja", "Purnama", "Bintang", "Angin", "Awan", "Samudera",
    "Batu Bara", "Intan Raya", "Akik", "Pualam", "Kuarsa", "Riam", "Muara", "Teluk", "Telaga", "Delta",
)  # fmt: skip
STREETS: Final = (
    "Jl. Contoh Ulin", "Jl. Contoh Galam", "Jl. Contoh Melati", "Gg. Contoh Teratai", "Gg. Contoh Rumbia",
    "Komp. Contoh Kenanga", "Jl. Contoh Nipah", "Gg. Contoh Pandan", "Jl. Contoh Cempaka", "Komp. Contoh Ramania",
)  # fmt: skip
RELIGIONS: Final = ("Islam",) * 15 + ("Kristen", "Katolik", "Hindu", "Buddha", "Konghucu")
OCCUPATIONS: Final = (
    "Wiraswasta", "Karyawan Swasta", "Mengurus Rumah Tangga", "Buruh Harian Lepas", "Pedagang", "Guru", "Nelayan",
    "Pegawai Negeri Sipil", "Sopir", "Penjahit", "Petani", "Pensiunan",
)  # fmt: skip
EDUCATIONS: Final = (
    "Tidak/Belum Sekolah", "Tamat SD/Sederajat", "SLTP/Sederajat", "SLTA/Sederajat", "Diploma IV/Strata I",
)  # fmt: skip
