"""Read registrations from the inbox folder, and report their outcome in the next list of receipts."""

import csv
import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Final

from simulators.clock import Clock
from simulators.kelurahan import kelurahan
from simulators.records import Ledger
from simulators.wirausaha_baru.agencies import BY_ID, long_date
from simulators.wirausaha_baru.list_writer import ListWriter
from simulators.wirausaha_baru.register import Participant, Receipt, Register
from simulators.write_loss import LossPoint, WriteLoss

COLUMNS: Final = ("KODE", "NAMA", "NIK", "NO. HP", "KELURAHAN", "NAMA USAHA", "JENIS USAHA")
_NAME: Final = re.compile(r"pendaftaran_(?P<agency>[a-z-]+)_(?P<year>\d{4})_(?P<code>[A-Z0-9-]+)\.csv")
_NIK: Final = re.compile(r"'?\d{16}")
_ROUNDS: Final = 3
"""The number of rounds after which an overdue list of receipts is written."""


class UnfitError(Exception):
    """The agency refuses a registration; the message is for the receipt."""


class Intake:
    """Reads the folder `box` on request, unless the list writer is paused because of a fault."""

    def __init__(
        self, box: Path, register: Register, list_writer: ListWriter, ledger: Ledger, clock: Clock, loss: WriteLoss
    ) -> None:
        self._box = box
        self._register = register
        self._list_writer = list_writer
        self._ledger = ledger
        self._clock = clock
        self._loss = loss
        self._overdue: dict[str, int] = {}
        box.mkdir(exist_ok=True)

    @property
    def pending(self) -> int:
        """The number of unread registrations and of overdue lists of receipts."""
        return len(list(self._box.glob("pendaftaran_*.csv"))) + len(self._overdue)

    def collect(self) -> None:
        """Read the registrations in the box, and write overdue lists."""
        if self._list_writer.paused:
            return
        for agency in [one for one, rounds in self._overdue.items() if rounds <= 1]:
            del self._overdue[agency]
            self._list_writer.write_receipts(agency)
        self._overdue = {agency: rounds - 1 for agency, rounds in self._overdue.items()}
        for path in sorted(self._box.glob("pendaftaran_*.csv")):
            match = _NAME.fullmatch(path.name)
            if match and match["agency"] in BY_ID:
                self._accept(path, match["agency"], int(match["year"]), match["code"])

    def _accept(self, path: Path, agency: str, year: int, code: str) -> None:
        at = self._loss.take()
        content = path.read_bytes()
        if at is LossPoint.BEFORE:
            path.unlink()  # lost unread
            return
        # A code is accepted only once.
        if not self._register.receipt(code):
            self._decide(content, agency, year, code)
        path.unlink()
        if at is LossPoint.NONE:
            self._list_writer.write_receipts(agency)
            return
        self._overdue[agency] = _ROUNDS
        if at is LossPoint.DURING:
            self._list_writer.write_half_of_the_receipts(agency)

    def _decide(self, content: bytes, agency: str, year: int, code: str) -> None:
        today = self._clock.today()
        try:
            row = _row(content, BY_ID[agency].charset, code)
            participant = self._participant(row, agency, year)
        except UnfitError as unfit:
            self._register.add_receipt(Receipt(code, agency, "DITOLAK", str(unfit), today))
            return
        with self._register.transaction():
            number = self._register.add_participant(agency, year, participant)
            self._register.date_list(agency, year, today)
            self._register.add_receipt(Receipt(code, agency, "DITERIMA", f"{number:04d}/WB/{year}", today))
        self._ledger.add({"write": "pendaftaran", "agency": agency, "year": year}, code=code)
        self._list_writer.write_list(agency, year)

    def _participant(self, row: Mapping[str, str], agency: str, year: int) -> Participant:
        if (agency, year) not in self._register.lists():
            raise UnfitError("Program tahun ini tidak ada")
        if not _NIK.fullmatch(row["NIK"]):
            raise UnfitError("NIK tidak benar")
        if row["KELURAHAN"] not in {one.name for one in kelurahan()}:
            raise UnfitError("Kelurahan tidak dikenal")
        today = self._clock.today()
        cells: dict[str, str | int | None] = {
            "NAMA": row["NAMA"],
            "NIK": row["NIK"],
            "L/P": "-",
            "NO. HP": row["NO. HP"],
            "KELOMPOK": "-",
            "NAMA USAHA": row["NAMA USAHA"],
            "JENIS USAHA": row["JENIS USAHA"],
            "KBLI": "-",
            "NIB": "Tidak ada",
            "BANTUAN": "-",
            "TANGGAL DAFTAR": today.isoformat(),
            "STATUS": "Rintisan",
            "PER TANGGAL": long_date(today),
        }
        return Participant(row["KELURAHAN"], cells)


def _row(content: bytes, charset: str, code: str) -> dict[str, str]:
    """Return the only row of a registration. Raises `UnfitError`."""
    try:
        lines = list(csv.reader(StringIO(content.decode(charset), newline=""), delimiter=";", strict=True))
    except (UnicodeDecodeError, csv.Error):
        lines = []
    if len(lines) != 3 or tuple(lines[0]) != COLUMNS or lines[2] != ["JUMLAH", "1"] or len(lines[1]) != len(COLUMNS):
        raise UnfitError("Berkas tidak terbaca")
    row = dict(zip(COLUMNS, lines[1], strict=True))
    if row["KODE"] != code:
        raise UnfitError("Berkas tidak terbaca")
    return row
