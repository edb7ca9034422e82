"""The code tables of the lists: the agencies, and the words in their columns."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.code_lists import CodeList
from schemas.enterprise import EnterpriseStatus
from schemas.resident import Sex
from schemas.texts import Text

AGENCIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dinas-koperasi": "Dinas Koperasi, Usaha Mikro dan Tenaga Kerja",
        "dinas-perindag": "Dinas Perdagangan dan Perindustrian",
        "dinas-perikanan": "Dinas Ketahanan Pangan, Pertanian dan Perikanan",
        "dinas-pariwisata": "Dinas Kebudayaan, Kepemudaan, Olahraga dan Pariwisata",
        "dinas-sosial": "Dinas Sosial",
        "dinas-pendidikan": "Dinas Pendidikan",
        "dinas-pppa": "Dinas Pemberdayaan Perempuan dan Perlindungan Anak",
    }
)
"""The agencies that keep such lists: id in file names and in `config/agencies.toml`, name in the column SKPD."""

STATES: Final[Mapping[str, EnterpriseStatus]] = MappingProxyType(
    {
        "rintisan": EnterpriseStatus.STARTED,
        "aktif": EnterpriseStatus.ACTIVE,
        "berhenti": EnterpriseStatus.STOPPED,
        "pindah": EnterpriseStatus.MOVED,
        "tidak terlacak": EnterpriseStatus.UNTRACED,
    }
)
"""The words of the column STATUS, which is about the enterprise."""
KBLI: Final = "kbli-2020"
CODE_LISTS: Final = (
    CodeList(
        scheme=KBLI, name=Text(id="KBLI 2020", en="Classification of business activities, KBLI 2020"), complete=False
    ),
)
"""The classification is long, and published by Statistics Indonesia."""
SEXES: Final[Mapping[str, Sex]] = MappingProxyType({"l": Sex.MALE, "p": Sex.FEMALE})
