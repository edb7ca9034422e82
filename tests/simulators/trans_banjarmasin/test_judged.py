"""The timetable checked by an independent GTFS validator."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from simulators.trans_banjarmasin.export import archive, tables

DAY = date(2026, 11, 24)
# The example address is invalid by intent; every other error is a quirk described in the README.
_EXAMPLE = "invalid_url"
_NO_FIX = "point_near_origin"

Judge = Callable[[bytes], dict[str, list[dict[str, object]]]]


@pytest.fixture
def errors(tmp_path: Path) -> Judge:
    """Return the validator's errors: examples by the kind of error."""

    def judge(content: bytes) -> dict[str, list[dict[str, object]]]:
        feed, said = tmp_path / "feed.zip", tmp_path / "said"
        feed.write_bytes(content)
        program = Path(sys.executable).with_name("gtfs-validator")
        command = [program, "-i", str(feed), "-o", str(said), "-d", DAY.isoformat()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        notices = json.loads((said / "report.json").read_text("utf-8"))["notices"]
        return {one["code"]: one["sampleNotices"] for one in notices if one["severity"] == "ERROR"}

    return judge


def _tidied(name: str, text: str) -> str:
    """Return one table without its spreadsheet quirks (Q53): commas, points, seconds."""
    text = text.removeprefix("\ufeff")
    separator = ";" if ";" in text.partition("\r")[0] else ","
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))
    for row in rows:
        if name == "stops.txt":
            row.update({degrees: row[degrees].replace(",", ".") for degrees in ("stop_lat", "stop_lon")})
        if name == "frequencies.txt":
            number, _, unit = row["headway_secs"].partition(" ")
            row["headway_secs"] = str(int(number) * (60 if unit == "menit" else 1))
    written = io.StringIO()
    writer = csv.DictWriter(written, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def _packed(texts: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as packed:
        for name, text in texts.items():
            packed.writestr(name, text)
    return made.getvalue()


def test_only_the_spreadsheet_tables_are_invalid(errors: Judge) -> None:
    found = errors(archive(DAY))
    assert found.keys() == {"missing_required_column", _EXAMPLE, _NO_FIX}
    assert {one["filename"] for one in found["missing_required_column"]} == {"stops.txt", "frequencies.txt"}


def test_without_spreadsheet_quirks_only_wrong_degrees_are_wrong(errors: Judge) -> None:
    found = errors(_packed({name: _tidied(name, text) for name, text in tables(DAY).items()}))
    assert found.keys() == {"number_out_of_range", _EXAMPLE, _NO_FIX}
    (swapped,) = found["number_out_of_range"]
    assert (swapped["filename"], swapped["fieldName"]) == ("stops.txt", "stop_lat")
    assert {one["filename"] for one in found[_NO_FIX]} == {"shapes.txt"}


def test_the_validator_finds_errors(errors: Judge) -> None:
    texts = {name: _tidied(name, text) for name, text in tables(DAY).items()}
    texts["trips.txt"] = texts["trips.txt"].replace("K 1,HARIAN", "K 9,HARIAN")
    texts["stop_times.txt"] = texts["stop_times.txt"].replace("24:", "04:")
    assert {"foreign_key_violation", "stop_time_with_arrival_before_previous_departure_time"} <= errors(
        _packed(texts)
    ).keys()
