"""The ids of all records of the demonstration are short."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import OFFICER_PURPOSE, Demo

LONGEST = 45
PUBLIC = {
    "service": "/v1/services",
    "facility": "/v1/health/facilities",
    "programme": "/v1/programmes",
    "enterprise": "/v1/enterprises",
    "incident": "/v1/traffic/incidents",
    "camera": "/v1/traffic/cameras",
    "condition": "/v1/traffic/conditions",
    "route": "/v1/transit/routes",
    "stop": "/v1/transit/stops",
    "vehicle": "/v1/transit/vehicles",
    "plan": "/v1/plans",
    "proposal": "/v1/proposals",
    "complaint": "/v1/complaints",
    "consultation": "/v1/consultations",
}
RESIDENTS = ("resident", "resident-damaged", "resident-renamed")
OWN = {"resident", "application", "appointment", "complaint", "bill", "proposal", "enrolment"}


def pages(demo: Demo, path: str, account: str | None = None, **headers: str) -> Iterator[dict[str, Any]]:
    """Every item of a list."""
    cursor = ""
    while cursor is not None:
        answer = demo.get(f"{path}?limit=100{cursor}", account, **headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield from page["items"]
        cursor = f"&cursor={page['next']}" if page["next"] else None


def all_items(demo: Demo) -> Iterator[dict[str, Any]]:
    """Every record that anyone may see, and those of the residents and of an officer."""
    for path in PUBLIC.values():
        yield from pages(demo, path)
    for facility in list(pages(demo, PUBLIC["facility"])):
        yield from demo.get(f"/v1/health/facilities/{facility['id']}/queue").json()["items"]
    for stop in list(pages(demo, PUBLIC["stop"])):
        yield from demo.departures(stop["id"])
    for account in RESIDENTS:
        yield from demo.overview(account)["items"]
    yield from pages(demo, "/v1/applications", "officer-mantuil", **OFFICER_PURPOSE)


@pytest.fixture(scope="module")
def longest(demo: Demo) -> dict[str, int]:
    """The length of the longest id, by resource."""
    demo.whole()
    found: dict[str, int] = {}
    for item in all_items(demo):
        found[item["resource"]] = max(found.get(item["resource"], 0), len(item["id"]))
    return found


def test_no_id_has_more_than_45_characters(longest: dict[str, int]) -> None:
    assert set(longest) == {*PUBLIC, *OWN, "queue", "departure"}
    assert {resource: length for resource, length in longest.items() if length > LONGEST} == {}
