"""How the pages write moments, and the browsers of people."""

from datetime import datetime
from typing import Final

from gateway.ground.clock import WITA

# The first mark that is found decides: Chrome calls itself Safari too, and Android Linux.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def day(at: datetime) -> str:
    """A day, in figures that both languages read alike."""
    return at.astimezone(WITA).strftime("%d-%m-%Y")


def moment(at: datetime) -> str:
    """A moment in the city's time."""
    return at.astimezone(WITA).strftime("%d-%m-%Y %H.%M WITA")


def browser(agent: str) -> str:
    """What people call the browser and system that call themselves `agent`; empty when nobody knows."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name)
