"""Generated incidents of one day, reproducible by seed and day, with the centre's formats and mistakes."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from simulators.clock import WITA
from simulators.rtmc.roads import ROADS, ZERO_TIME, Fields

INCIDENTS_A_DAY: Final = 42
_KINDS: Final = (
    ("LAKA", "Kecelakaan lalu lintas", 75),
    ("LAKA", "Kecelakaan beruntun", 110),
    ("BANJIR", "Genangan air pasang", 300),
    ("POHON", "Pohon tumbang", 90),
    ("KERJA", "Pekerjaan jalan", 420),
    ("TUTUP", "Penutupan jalan sementara", 180),
    ("ACARA", "Kegiatan masyarakat", 200),
    ("KEBAKARAN", "Kebakaran", 150),
)
_ODD_KIND: Final = ("KONVOI", "Konvoi kendaraan", 45)
_WORDS: Final = "Arus dialihkan sementara \u2013 petugas sudah di lokasi. \u201cHarap berhati-hati\u201d"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: its fields, when it began, and when it is over. `began` defines the order; it may not be shown."""

    id: str
    began: datetime
    over: datetime
    fields: Fields


def incidents(day: date, seed: int) -> list[Incident]:
    """Return all incidents that begin on this day, in the order of their begin and their ids."""
    random = Random(f"{seed}/{day.isoformat()}")
    minutes = sorted(random.sample(range(5, 24 * 60), INCIDENTS_A_DAY))
    return [_incident(day, serial, minute, random) for serial, minute in enumerate(minutes, start=1)]


def _incident(day: date, serial: int, minute: int, random: Random) -> Incident:
    kind, words, lasts = _ODD_KIND if serial % 19 == 10 else random.choice(_KINDS)
    road = random.choice(ROADS)
    began = datetime.combine(day, time(), WITA) + timedelta(minutes=minute)
    place = f"{road.name} \u2013 dekat simpang {random.choice(road.ends)}"
    fields: Fields = {
        "jenis": kind,
        "judul": f"{words} di {road.name}",
        "uraian": f"{words}. {_WORDS}.",
        "lokasi": place,
        "lat": f"{road.latitude + random.uniform(-0.002, 0.002):.6f}",
        "lng": f"{road.longitude + random.uniform(-0.002, 0.002):.6f}",
        "waktu": began.strftime("%d/%m/%Y %H:%M"),
        "tingkat": str(random.choice((1, 1, 2, 2, 3))),
        "petugas": f"Brigadir Unit {random.randrange(10, 99)}",
        "nopol": f"DA {random.randrange(1000, 9999)} ZZ" if kind == "LAKA" else None,
    }
    over = began + timedelta(minutes=round(lasts * random.uniform(0.5, 1.5)))
    return Incident(f"{day:%Y%m%d}-{serial:03d}", began, over, fields | _mistakes(serial, fields))


def _mistakes(serial: int, fields: Fields) -> Fields:
    """Return the fields with typing mistakes."""
    made = _misplaced(serial, fields)
    if serial % 10 == 6:  # a number plate and markup in the free text
        made["uraian"] = f"<b>Info:</b> {fields['uraian']} Kendaraan DA {1000 + serial} ZZ dievakuasi."
    if serial % 12 == 8:  # typed on the field units' telephones: UTF-8 encoded twice
        made["lokasi"] = (fields["lokasi"] or "").encode().decode("cp1252")
    if serial % 17 == 9:
        made["tingkat"] = "-"
    if serial == 20:
        made["waktu"] = ZERO_TIME
    if serial == 30:
        made["waktu"] = f"31/02/{(fields['waktu'] or '')[6:10]} 10:00"
    return made


def _misplaced(serial: int, fields: Fields) -> Fields:
    if serial % 7 == 3:  # Q45: latitude and longitude swapped
        return {"lat": fields["lng"], "lng": fields["lat"]}
    if serial % 11 == 5:  # Q45: 0, 0
        return {"lat": "0", "lng": "0"}
    return {"lat": "", "lng": None} if serial % 13 == 7 else {}
