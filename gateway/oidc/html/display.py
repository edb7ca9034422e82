"""Texts on pages for times, and for browsers: the names of browser and operating system from the user agent."""

from datetime import datetime
from typing import Final

from gateway.ground.clock import WITA

# The first match decides: Chrome's user agent contains Safari too, and Android's contains Linux.
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
    """Return a date in figures that read the same in both languages."""
    return at.astimezone(WITA).strftime("%d-%m-%Y")


def moment(at: datetime) -> str:
    """Return a date and time in the city's time zone."""
    return at.astimezone(WITA).strftime("%d-%m-%Y %H.%M WITA")


def browser(agent: str) -> str:
    """Return the common names of browser and system for the user agent `agent`; empty if unknown."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name)
