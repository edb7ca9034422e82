"""Every recorded row becomes what is written beside it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import UnusableRecordError
from adapters.wirausaha_baru import ENROLMENTS, ENTERPRISES, PROGRAMMES
from adapters.wirausaha_baru.codes import AGENCIES
from adapters.wirausaha_baru.wire import PesertaRow, ProgramRow, UsahaRow
from schemas.doubts import Doubt

ROWS: dict[str, tuple[Any, Any]] = {
    "enrolment": (ENROLMENTS, PesertaRow),
    "enterprise": (ENTERPRISES, UsahaRow),
    "programme": (PROGRAMMES, ProgramRow),
}
CASES = sorted(Path(__file__).parent.glob("*.in.json"))


@pytest.mark.parametrize("recorded", CASES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_recorded_row(recorded: Path) -> None:
    row, wire = ROWS[recorded.name.partition("-")[0]]
    expected = json.loads(recorded.with_name(recorded.name.replace(".in.", ".out.")).read_text("utf-8"))
    read = wire.model_validate_json(recorded.read_bytes())
    if "set_aside" in expected:
        with pytest.raises(UnusableRecordError, match=expected["set_aside"]):
            row.normalise(read)
        return
    normal = row.normalise(read)
    assert normal.body == row.resource.body.model_validate(expected["body"])
    assert normal.doubts == tuple(Doubt.model_validate(doubt) for doubt in expected["doubts"])


def test_every_row_has_cases() -> None:
    assert {path.name.partition("-")[0] for path in CASES} == ROWS.keys()


def test_the_agencies_are_those_of_the_city() -> None:
    """A reference by id is certain: the deployment has each of these ids, with the same name."""
    listed = tomllib.loads(Path("config/agencies.toml").read_text("utf-8"))["agencies"]
    assert {agency["id"]: agency["name"]["id"] for agency in listed}.items() >= AGENCIES.items()
