"""When a damage counts as detected, and when two bodies count as equal."""

from datetime import UTC, datetime, timedelta

import pytest

from conformance.damages.verdicts import Allowed, violations_of
from conformance.outcomes import Outcome
from conformance.questions import QuestionKind
from schemas.traffic import Camera, CameraStatus

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
HARMLESS = Allowed(errors=frozenset(), survives=True)


def _outcome(**changed: object) -> Outcome:
    camera = Camera.model_validate({"name": "A", "status": CameraStatus.ONLINE, "checked_at": AT} | changed)
    return Outcome(keys=("A",), bodies=(camera,))


@pytest.mark.parametrize(
    ("changed", "alike"),
    [
        ({}, True),
        ({"checked_at": AT + timedelta(seconds=2)}, True),
        ({"checked_at": AT + timedelta(hours=8)}, False),
        ({"checked_at": None}, False),
        ({"status": CameraStatus.OFFLINE}, False),
        ({"name": "B"}, False),
    ],
)
def test_small_time_differences_count_as_equal(changed: dict[str, object], alike: bool) -> None:
    found = list(violations_of(QuestionKind.FEED, HARMLESS, _outcome(), _outcome(**changed)))
    assert found == ([] if alike else ["1 records have other values, without an error or a doubt"])
