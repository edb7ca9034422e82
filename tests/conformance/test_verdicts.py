"""What counts as noticed, and as the same."""

from datetime import UTC, datetime, timedelta

import pytest

from conformance.damages.verdicts import Allowed, flaws
from conformance.outcomes import Outcome
from conformance.questions import QuestionKind
from schemas.traffic import Camera, CameraStatus

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
HARMLESS = Allowed(errors=frozenset(), survives=True)


def _outcome(**changed: object) -> Outcome:
    camera = Camera.model_validate(
        {"code": "A", "name": "A", "status": CameraStatus.ONLINE, "checked_at": AT} | changed
    )
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
def test_a_record_reads_the_same_but_for_the_moment_of_looking(changed: dict[str, object], alike: bool) -> None:
    found = list(flaws(QuestionKind.FEED, HARMLESS, _outcome(), _outcome(**changed)))
    assert found == ([] if alike else ["1 records read differently, and nothing says so"])
