"""Every recorded row becomes what is written beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import UnusableRecordError
from adapters.wirausaha_baru import ENROLMENTS, ENTERPRISES, PROGRAMMES
from adapters.wirausaha_baru.wire import PesertaRow, ProgramRow, UsahaRow
from schemas.quality import Quality

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
    assert normal.doubts == tuple(Quality.model_validate(doubt) for doubt in expected["doubts"])


def test_every_row_has_cases() -> None:
    assert {path.name.partition("-")[0] for path in CASES} == ROWS.keys()
