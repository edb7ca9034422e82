"""A person who must not be found again, in every form in which somebody may be written down."""

import re
from dataclasses import dataclass

import pytest

from gateway.recording.replacing import Replacer
from gateway.recording.standins import StandIns
from gateway.recording.vocabulary import everyday


@dataclass(frozen=True)
class Canary:
    """An invented person; the number is of a region that exists, as a real one would be."""

    nik: str = "6371054509880007"
    kk: str = "6371051203100003"
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
        days = [self.born, "05-09-1988", "05/09/1988", "5 september 1988", "05 september 1988"]
        return words + [number for number in numbers if number in digits] + [day for day in days if day in plain]


@pytest.fixture
def canary() -> Canary:
    return Canary()


def replacer(*words: str, plain: frozenset[str] = frozenset(), key: bytes = b"k" * 32) -> Replacer:
    return Replacer(StandIns(key), everyday() | frozenset(words), plain)
