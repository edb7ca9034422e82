"""Lines, stops and piers of the operator. Corridors 1 and 2 are real; the boat lines are assumed."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop or a pier with its position (WGS 84). Ids contain blanks, as the operator types them (Q66).

    `boarding` is `wheelchair_boarding` of GTFS: 1 possible, 2 not possible, 0 or empty not stated.
    """

    id: str
    name: str
    latitude: float
    longitude: float
    boarding: str = "2"


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its halts in order, and the minutes from each to the next.

    `kind` is the route_type of GTFS: 3 bus, 4 boat.
    """

    id: str
    short: str
    name: str
    kind: int
    colour: str
    fare: str
    halts: tuple[str, ...]
    minutes: tuple[int, ...]

    def stops(self, *, back: bool) -> tuple[tuple[str, int], ...]:
        """Return the halts of one direction, each with its minutes from the first."""
        halts, minutes = (self.halts[::-1], self.minutes[::-1]) if back else (self.halts, self.minutes)
        return tuple((halt, sum(minutes[:at])) for at, halt in enumerate(halts))


HALTS: Final = {
    halt.id: halt
    for halt in (
        Halt("HT TERMINAL KM 6", "Terminal Km 6", -3.3436, 114.6246, "1"),
        Halt("HT PRAMUKA 01", "Halte Pramuka", -3.3389, 114.6229, ""),
        Halt("HT GATOT 01", "Halte Gatot Subroto", -3.3299, 114.6127),
        Halt("HT A YANI 02", "Halte A. Yani Km 2", -3.3271, 114.6008),
        Halt("HT PSR ANTASARI", "Halte Pasar Antasari", -3.3259, 114.5898, "1"),
        Halt("HT SAMUDERA 01", "Halte Pangeran Samudera", -3.3229, 114.5884),
        Halt("HT LB MANGKURAT", "Halte Lambung Mangkurat", -3.3216, 114.5920),
        Halt("HT 0 KM", "Halte 0 Km", -3.3190, 114.5926, "1"),
        Halt("HT S PARMAN 01", "Halte S. Parman", -3.3129, 114.5873, "0"),
        Halt("HT HASAN BASRY", "Halte Hasan Basry (Kayutangi)", -3.2985, 114.5890),
        Halt("DMG SIRING 0 KM", "Dermaga Siring 0 Km", -3.3187, 114.5930),
        Halt("DMG PSR LAMA", "Dermaga Pasar Lama", -3.3143, 114.5911),
        Halt("DMG KUIN", "Dermaga Kuin", -3.2979, 114.5752),
        Halt("DMG BASIRIH", "Dermaga Basirih", -3.3401, 114.5678),
        Halt("DMG MANTUIL", "Dermaga Mantuil", -3.3612, 114.5560),
    )
}
LINES: Final = (
    Line(
        *("K 1", "K1", "Terminal Km 6 \u2013 Pasar Antasari", 3, "1565C0", "5000.00"),
        ("HT TERMINAL KM 6", "HT PRAMUKA 01", "HT GATOT 01", "HT A YANI 02", "HT PSR ANTASARI"),
        (5, 8, 9, 7),
    ),
    Line(
        *("K 2", "K2", "Pasar Antasari \u2013 Hasan Basry (Kayutangi)", 3, "2E7D32", "5000.00"),
        ("HT PSR ANTASARI", "HT SAMUDERA 01", "HT LB MANGKURAT", "HT 0 KM", "HT S PARMAN 01", "HT HASAN BASRY"),
        (3, 4, 3, 6, 9),
    ),
    Line(
        *("KL 1", "KL1", "Siring 0 Km \u2013 Kuin", 4, "6D4C41", "10000.00"),
        ("DMG SIRING 0 KM", "DMG PSR LAMA", "DMG KUIN"),
        (12, 28),
    ),
    Line(
        *("KL 2", "KL2", "Siring 0 Km \u2013 Mantuil", 4, "00838F", "15000.00"),
        ("DMG SIRING 0 KM", "DMG BASIRIH", "DMG MANTUIL"),
        (30, 25),
    ),
)
"""Corridors 1 and 2, and two lines of river boats (kelotok)."""
