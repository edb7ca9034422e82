"""The words of the civil register that stand for codes, and their canonical codes. Keys are in upper case."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.code_lists import CodeList
from schemas.codes import Coded
from schemas.resident import Sex
from schemas.texts import Text

Table = Mapping[str, Coded]


def _table(scheme: str, *rows: tuple[str, str, str]) -> Table:
    """Return a table of rows: the register's word, the canonical code, English."""
    return MappingProxyType(
        {word.upper(): Coded(scheme=scheme, code=code, text=Text(id=word, en=english)) for word, code, english in rows}
    )


SEX: Final[Mapping[str, Sex]] = MappingProxyType(
    {"LAKI-LAKI": Sex.MALE, "LAKI - LAKI": Sex.MALE, "LAKI LAKI": Sex.MALE, "PEREMPUAN": Sex.FEMALE}
)

RELIGION: Final = _table(
    "religion",
    ("Islam", "islam", "Islam"),
    ("Kristen", "protestant", "Protestant"),
    ("Katolik", "catholic", "Catholic"),
    ("Katholik", "catholic", "Catholic"),
    ("Hindu", "hindu", "Hindu"),
    ("Buddha", "buddhist", "Buddhist"),
    ("Budha", "buddhist", "Buddhist"),
    ("Konghucu", "confucian", "Confucian"),
    ("Khonghucu", "confucian", "Confucian"),
    ("Kepercayaan Terhadap Tuhan YME", "belief", "Belief in the One God"),
)

MARITAL_STATUS: Final = _table(
    "marital-status",
    ("Belum Kawin", "unmarried", "Unmarried"),
    ("Kawin", "married", "Married"),
    ("Kawin Tercatat", "married", "Married, registered"),
    ("Kawin Belum Tercatat", "married-unregistered", "Married, not registered"),
    ("Cerai Hidup", "divorced", "Divorced"),
    ("Cerai Mati", "widowed", "Widowed"),
)

FAMILY_ROLE: Final = _table(
    "family-role",
    ("Kepala Keluarga", "head", "Head of the family"),
    ("Suami", "husband", "Husband"),
    ("Istri", "wife", "Wife"),
    ("Anak", "child", "Child"),
    ("Menantu", "child-in-law", "Child-in-law"),
    ("Cucu", "grandchild", "Grandchild"),
    ("Orang Tua", "parent", "Parent"),
    ("Mertua", "parent-in-law", "Parent-in-law"),
    ("Famili Lain", "other-relative", "Other relative"),
    ("Pembantu", "domestic-worker", "Domestic worker"),
    ("Lainnya", "other", "Other"),
)

EDUCATION: Final = _table(
    "education",
    ("Tidak/Belum Sekolah", "none", "No school, or not yet"),
    ("Belum Tamat SD/Sederajat", "primary-unfinished", "Primary school, unfinished"),
    ("Tamat SD/Sederajat", "primary", "Primary school"),
    ("SLTP/Sederajat", "lower-secondary", "Lower secondary school"),
    ("SLTA/Sederajat", "upper-secondary", "Upper secondary school"),
    ("Diploma I/II", "diploma-2", "Diploma, one or two years"),
    ("Akademi/Diploma III/S. Muda", "diploma-3", "Diploma, three years"),
    ("Diploma IV/Strata I", "bachelor", "Bachelor"),
    ("Strata II", "master", "Master"),
    ("Strata III", "doctor", "Doctor"),
)

OCCUPATION: Final = _table(
    "occupation",
    ("Belum/Tidak Bekerja", "none", "Not working, or not yet"),
    ("Mengurus Rumah Tangga", "homemaker", "Homemaker"),
    ("Pelajar/Mahasiswa", "student", "Pupil or student"),
    ("Pensiunan", "retired", "Retired"),
    ("Pegawai Negeri Sipil", "civil-servant", "Civil servant"),
    ("Tentara Nasional Indonesia", "soldier", "Soldier"),
    ("Kepolisian RI", "police-officer", "Police officer"),
    ("Perdagangan", "trade", "Trade"),
    ("Pedagang", "trader", "Trader"),
    ("Petani", "farmer", "Farmer"),
    ("Petani/Pekebun", "farmer", "Farmer"),
    ("Nelayan", "fisher", "Fisher"),
    ("Nelayan/Perikanan", "fisher", "Fisher"),
    ("Karyawan Swasta", "private-employee", "Employee of a company"),
    ("Karyawan BUMN", "state-enterprise-employee", "Employee of a state enterprise"),
    ("Karyawan BUMD", "city-enterprise-employee", "Employee of a regional enterprise"),
    ("Karyawan Honorer", "contract-employee", "Employee on contract"),
    ("Buruh Harian Lepas", "day-labourer", "Day labourer"),
    ("Penjahit", "tailor", "Tailor"),
    ("Tukang Jahit", "tailor", "Tailor"),
    ("Guru", "teacher", "Teacher"),
    ("Dosen", "lecturer", "Lecturer"),
    ("Bidan", "midwife", "Midwife"),
    ("Perawat", "nurse", "Nurse"),
    ("Dokter", "physician", "Physician"),
    ("Sopir", "driver", "Driver"),
    ("Wiraswasta", "self-employed", "Self-employed"),
)

CARD_STATUS: Final = _table(
    "card-status",
    ("Sudah EKTP", "issued", "Issued"),
    ("Belum EKTP", "not-issued", "Not issued yet"),
)

CODE_LISTS: Final = (
    CodeList.of_coded(Text(id="Agama", en="Religion"), RELIGION.values()),
    CodeList.of_coded(Text(id="Status perkawinan", en="Marital status"), MARITAL_STATUS.values()),
    CodeList.of_coded(Text(id="Hubungan keluarga", en="Role in the family"), FAMILY_ROLE.values()),
    CodeList.of_coded(Text(id="Pendidikan", en="Education"), EDUCATION.values()),
    CodeList.of_coded(Text(id="Pekerjaan", en="Occupation"), OCCUPATION.values()),
    CodeList.of_coded(Text(id="Status KTP elektronik", en="State of the identity card"), CARD_STATUS.values()),
)
