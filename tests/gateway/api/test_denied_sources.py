"""The causes of sources that are denied."""

import pytest

from gateway.api.problems.problem_types import PROBLEMS
from schemas.envelope import DENIAL_CAUSES, Cause
from tests.gateway.fakes import Fake, gateway_before


def test_a_cause_has_the_words_of_the_problem_type_of_its_name():
    assert {cause: PROBLEMS[cause].title for cause in Cause} == {cause: cause.text for cause in Cause}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("acr", "without", "state", "cause"),
    [
        (1, set(), "denied", "stronger-sign-in-needed"),
        (2, set(), "not-asked", None),
        (1, {"health.read"}, "denied", "insufficient-scope"),
        (2, {"health.read"}, "denied", "insufficient-scope"),
    ],
)
async def test_a_denied_source_names_what_would_open_it(tmp_path, acr, without, state, cause):
    system = Fake("clinics", asks=("visit",), offices=("north", "south"))
    async with gateway_before(tmp_path, system) as gateway:
        resident = gateway.people["resident"]
        values = {name: getattr(resident, name) for name in resident.__slots__}
        gateway.people["someone"] = type(resident)(**values | {"acr": acr, "scopes": resident.scopes - without})
        (source,) = (await gateway.get("/v1/me/overview", "someone")).json()["sources"]
    expected = {"system": "clinics", "name": "Clinics", "resource": "visit", "state": state}
    assert source == (expected if cause is None else {**expected, "cause": cause})
    assert cause is None or Cause(cause) in DENIAL_CAUSES
