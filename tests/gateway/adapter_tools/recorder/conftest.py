"""A person who must not be found again, in every form in which somebody may be written down."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import pytest

from gateway.adapter_tools.recorder.replacer import Replacer
from gateway.adapter_tools.recorder.standins import StandIns
from gateway.adapter_tools.recorder.vocabulary import common_words

TODAY: Final = date(2026, 11, 26)
_GAP: Final = r"(?:[\s\-/.,_\u2010-\u2015\u2212]|bulan|tahun|of)*"
_BORN: Final = re.compile(
    rf"(?<!\d)0?5(?:th)?{_GAP}(?:0?9|sept?(?:ember)?){_GAP}['\u2019]?(?:19)?88(?!\d)"
    rf"|sept?(?:ember)?{_GAP}0?5(?:th)?{_GAP}['\u2019]?(?:19)?88(?!\d)"
    rf"|(?<!\d)1988{_GAP}(?:0?9|sept?(?:ember)?){_GAP}0?5(?!\d)"
)
"""The canary's day of birth, whichever way somebody writes it."""


@dataclass(frozen=True)
class Canary:
    """An invented person; the number is of this city, but of a district that it does not have: it is nobody's."""

    nik: str = "6371084509880007"
    kk: str = "6371081203100003"
    name: str = "Zubaidah Rahmawati"
    phone: str = "081348123456"
    card: str = "0001234567891"
    mail: str = "zubaidah88@surat.example"
    born: str = "1988-09-05"
    street: str = "Jl. Hidayatullah No. 417"

    @property
    def forms(self) -> dict[str, str]:
        """How each may be written."""
        day, month, year = self.born[8:], self.born[5:7], self.born[:4]
        grouped = " ".join(self.nik[at : at + 4] for at in range(0, 16, 4))
        return {
            "nik": self.nik,
            "nik grouped": grouped,
            "nik dotted": grouped.replace(" ", "."),
            "nik dashed": grouped.replace(" ", "-"),
            "nik of a spreadsheet": "'" + self.nik,
            "nik that lost its last digit": self.nik[:-1],
            "kk": self.kk,
            "name": self.name,
            "NAME": self.name.upper(),
            "name in markup": f"<b>{self.name.split()[0]}</b> <i style='x'>{self.name.split()[1]}</i>",
            "name in a tag": f"<{self.name.split()[0]}>",
            "name in a comment": f"<!-- {self.name} -->",
            "name in entities": "".join(f"&#{ord(letter)};" for letter in self.name),
            "name in entities twice": "".join(f"&amp;#{ord(letter)};" for letter in self.name),
            "name in percents": "".join(f"%{ord(letter):02X}" for letter in self.name),
            "phone": self.phone,
            "phone abroad": "+62" + self.phone[1:],
            "phone spaced": f"{self.phone[:4]}-{self.phone[4:8]}-{self.phone[8:]}",
            "phone as a number": self.phone[1:],
            "card": self.card,
            "mail": self.mail,
            "born": f"{day} September {year}",
            "born with dashes": f"{day}-{month}-{year}",
            "born in SQL": f"{self.born} 00:00:00",
            "born on a weekday": f"Senin, {int(day)} September {year}",
            "born on a weekday in English": f"Monday, 5th of September, {year}",
            "born in English": f"September 5th, {year}",
            "born in short": f"{day}-Sep-{year[2:]}",
            "BORN IN A PASSPORT": f"{day}SEP{year}",
            "born with long dashes": f"{day}\u2013{month}\u2013{year}",
            "born in a deed": f"tanggal {int(day)} bulan September tahun {year}",
            "born year first": f"{year} Sept. {day}",
            "street": self.street,
        }

    def traces(self, text: str) -> list[str]:
        """What of this person stands in a text."""
        plain = text.casefold()
        words = [
            word for word in re.findall(r"[a-z]{4,}", f"{self.name} {self.street} zubaidah".casefold()) if word in plain
        ]
        digits = re.sub(r"[ .\-/()']", "", text)
        numbers = [self.nik[:-1], self.kk, self.phone[1:], self.card]
        return words + [number for number in numbers if number in digits] + _BORN.findall(plain)


@pytest.fixture
def canary() -> Canary:
    return Canary()


def replacer(*words: str, plain: frozenset[str] = frozenset(), key: bytes = b"k" * 32) -> Replacer:
    return Replacer(StandIns(key), common_words() | frozenset(words), TODAY, plain)
