"""Titles of enumeration values: traffic, transit, planning, complaints, consultations, visits and bills."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from schemas.bill import BillStatus
from schemas.complaint import ComplaintStatus
from schemas.consultation import ConsultationStage, ConsultationStatus
from schemas.health import VisitStatus
from schemas.planning import PlanLevel, PlanScheme, ProposalStatus
from schemas.texts import Text
from schemas.traffic import CameraStatus, Congestion, IncidentKind, IncidentStatus, Severity
from schemas.transit import TransitMode

TextsByValue = Callable[..., dict[str, Text]]


def city_values(texts: TextsByValue) -> Mapping[type[StrEnum], Mapping[str, Text]]:
    """Return titles by enumeration and value. `texts` parses `value="Indonesian · English"`."""
    return {
        BillStatus: texts(
            unpaid="Belum dibayar · Unpaid",
            paid="Lunas · Paid",
            overdue="Lewat jatuh tempo · Overdue",
            cancelled="Dibatalkan · Cancelled",
        ),
        CameraStatus: texts(online="Menyala · Online", offline="Mati · Offline", unknown="Tidak diketahui · Unknown"),
        ComplaintStatus: texts(
            received="Diterima · Received",
            verified="Diverifikasi · Verified",
            forwarded="Diteruskan · Forwarded",
            in_progress="Dikerjakan · In progress",
            answered="Dijawab · Answered",
            closed="Selesai · Closed",
            rejected="Ditolak · Rejected",
            merged="Digabung · Merged with another complaint",
        ),
        Congestion: texts(
            free="Lancar · Free-flowing",
            heavy="Padat · Heavy",
            jammed="Macet · Jammed",
            unknown="Tidak diketahui · Unknown",
        ),
        ConsultationStage: texts(
            initial_draft="Rancangan awal · Initial draft",
            kelurahan="Musyawarah kelurahan · Kelurahan meeting",
            district="Musyawarah kecamatan · District meeting",
            agency_forum="Forum perangkat daerah · Agencies' forum",
            city="Musyawarah kota · City meeting",
            other="Lainnya · Other",
        ),
        ConsultationStatus: texts(
            tentative="Belum pasti · Tentative", confirmed="Pasti · Confirmed", cancelled="Batal · Cancelled"
        ),
        IncidentKind: texts(
            accident="Kecelakaan · Accident",
            flood="Banjir · Flood",
            fallen_tree="Pohon tumbang · Fallen tree",
            road_works="Pekerjaan jalan · Road works",
            closure="Penutupan jalan · Closure",
            event="Acara · Event",
            fire="Kebakaran · Fire",
            other="Lainnya · Other",
        ),
        IncidentStatus: texts(
            active="Berlangsung · Active", resolved="Selesai · Resolved", cancelled="Batal · Cancelled"
        ),
        PlanLevel: texts(
            programme="Program · Programme", activity="Kegiatan · Activity", sub_activity="Subkegiatan · Sub-activity"
        ),
        PlanScheme: texts(
            permendagri_90_2019="Permendagri 90/2019 · Regulation 90/2019",
            permendagri_13_2006="Permendagri 13/2006 · Regulation 13/2006",
            other="Lainnya · Other",
        ),
        ProposalStatus: texts(
            kelurahan="Di kelurahan · At the kelurahan",
            district="Di kecamatan · At the district",
            agency="Di perangkat daerah · At the agency",
            budget_team="Di tim anggaran · At the budget team",
            accommodated="Diakomodasi · Accommodated",
            rejected="Ditolak · Rejected",
            cancelled="Dibatalkan · Cancelled",
            unknown="Tidak diketahui · Unknown",
        ),
        Severity: texts(
            minor="Ringan · Minor",
            moderate="Sedang · Moderate",
            major="Berat · Major",
            unknown="Tidak diketahui · Unknown",
        ),
        TransitMode: texts(bus="Bus · Bus", boat="Kelotok · River boat", other="Lainnya · Other"),
        VisitStatus: texts(
            arrived="Hadir · Arrived",
            in_progress="Dilayani · In progress",
            finished="Selesai · Finished",
            cancelled="Batal · Cancelled",
            unknown="Tidak diketahui · Unknown",
        ),
    }
