"""The code tables of SIPD, and their canonical equivalents."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.code_lists import CodeList
from schemas.planning import PlanScheme, ProposalStage

FIRST_YEAR_OF_90: Final = 2021
"""The first plan in the nomenclature of Permendagri 90/2019; RKPD 2019 and 2020 follow Permendagri 13/2006."""

FORMS: Final[Mapping[PlanScheme, re.Pattern[str]]] = MappingProxyType(
    {
        PlanScheme.PERMENDAGRI_90_2019: re.compile(r"[0-9X]\.[0-9X]{2}\.[0-9]{2}(\.[12]\.[0-9]{2}(\.[0-9]{2,4})?)?"),
        PlanScheme.PERMENDAGRI_13_2006: re.compile(r"[0-9]\.[0-9]{2}-[0-9]{3,4}(\.[0-9]{3,4})?"),
    }
)
"""The pattern of the codes of each nomenclature."""

OWN_CODES: Final = "sipd-rkpd/kode"
"""The list of a code that has the pattern of no nomenclature."""

CODE_LISTS: Final = tuple(CodeList(scheme=one.value, name=one.text, complete=False) for one in PlanScheme)
"""The nomenclatures are long, and published as regulations."""

STAGES: Final[Mapping[str, ProposalStage]] = MappingProxyType(
    {
        "kelurahan": ProposalStage.KELURAHAN,
        "kecamatan": ProposalStage.KECAMATAN,
        "skpd": ProposalStage.AGENCY,
        "tapd": ProposalStage.BUDGET_TEAM,
    }
)
"""The level of each stage in words, in lower case. Their numbers change with each version of SIPD, and are ignored."""

ACCOMMODATED: Final = "diakomodasi"
"""The word in the same column for a proposal that is included in the plan."""

LEVELS: Final = (
    ("lurah", ProposalStage.KELURAHAN),
    ("camat", ProposalStage.KECAMATAN),
    ("mitra", ProposalStage.PARTNER),
    ("skpd", ProposalStage.AGENCY),
    ("tapd", ProposalStage.BUDGET_TEAM),
)
"""The levels that give recommendations: the word in the column name, and the canonical one."""

GOOD: Final = 200
TOKEN_REFUSED: Final = frozenset({401, 403})
NOT_FOUND: Final = 404

REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pengusul tidak terdaftar": "proposer-unknown",
        "tahun usulan ditutup": "year-closed",
        "kelurahan tidak dikenal": "region-unknown",
        "masalah terlalu pendek": "text-refused",
    }
)
"""The code of a refusal, by SIPD's text in lower case."""


def folded(text: str | None) -> str:
    """Fold a word for comparison: lower case, single blanks."""
    return " ".join((text or "").casefold().split())
