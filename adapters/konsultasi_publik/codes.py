"""The code tables of the database, and their canonical equivalents."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.code_lists import CodeList
from schemas.codes import Coded
from schemas.consultation import ConsultationStage
from schemas.document import DocumentKind
from schemas.notice import NoticeStatus
from schemas.texts import Text

CONSULTATION_KIND: Final = "consultation-kind"
KINDS: Final[Mapping[str, Coded]] = MappingProxyType(
    {
        table: Coded(scheme=CONSULTATION_KIND, code=code, text=Text(id=name, en=english))
        for table, code, name, english in (
            ("fkp", "consultation-forum", "Forum konsultasi publik", "Public consultation forum"),
            ("musrenbang", "planning-meeting", "Musyawarah perencanaan pembangunan", "Development planning meeting"),
        )
    }
)
"""The kind of event of each table."""
OWN_KINDS: Final = "konsultasi-publik/tabel"
"""The list of a table that is not in `KINDS`."""

STAGES: Final[Mapping[int, ConsultationStage]] = MappingProxyType(
    {
        0: ConsultationStage.INITIAL_DRAFT,
        1: ConsultationStage.KELURAHAN,
        2: ConsultationStage.KECAMATAN,
        3: ConsultationStage.AGENCY_FORUM,
        4: ConsultationStage.CITY,
        5: ConsultationStage.OTHER,
    }
)
STATUSES: Final[Mapping[str, NoticeStatus]] = MappingProxyType(
    {"R": NoticeStatus.TENTATIVE, "P": NoticeStatus.CONFIRMED, "B": NoticeStatus.CANCELLED}
)
TAKES: Final[Mapping[int, bool]] = MappingProxyType({0: False, 1: True, 2: False})
"""0 closed, 1 open to everyone, 2 open to delegates only."""

FILE_KINDS: Final[Mapping[str, DocumentKind]] = MappingProxyType(
    {"rancangan": DocumentKind.DRAFT, "undangan": DocumentKind.INVITATION, "berita-acara": DocumentKind.MINUTES}
)
OWN_FILE_KINDS: Final = "konsultasi-publik/jenis"
"""The list of a kind of document that is not in `FILE_KINDS`."""

PUBLISHED: Final = 1
"""The value of `tampil` for a contribution that everyone may see."""

CODE_LISTS: Final = (CodeList.of_coded(Text(id="Jenis konsultasi", en="Kind of consultation"), KINDS.values()),)
