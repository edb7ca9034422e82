"""The sources of an answer: one for each system and resource, with the offices that did not answer in full."""

from datetime import datetime, timedelta

import pytest

from adapters.errors import UpstreamTimeoutError, UpstreamUnavailableError
from gateway.api.sources import NO_SOURCES, public_sources
from gateway.ground.clock import WITA
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.texts import Language, Text
from tests.gateway.fakes import Fake, Wire, appointment, consultation, gateway_before, programme

AT = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
FRESH, HELD, STALE, FAILED = SourceState.FRESH, SourceState.HELD, SourceState.STALE, SourceState.FAILED
UNLINKED, DENIED, NOT_ASKED = SourceState.UNLINKED, SourceState.DENIED, SourceState.NOT_ASKED
TITLES = {"clinics": Text(id="Puskesmas", en="Health centres"), "north": Text(id="Utara", en="North")}


def office(state=FRESH, name="north", **more):
    return OfficeSource(system="clinics", office=name, state=state, **more)


def title_of(system, name):
    return TITLES.get(name or system, Text(id=name or system))


def public(*sources, language=Language.INDONESIAN):
    return public_sources(sources, title_of, language)


def one(*sources):
    (source,) = public(*sources).sources
    return source


def test_a_system_is_one_source_with_the_sums_of_its_offices_and_the_earliest_time():
    found = one(
        office(name="north", fetched_at=AT, items=2, set_aside=0, withheld=1),
        office(name="south", fetched_at=AT - timedelta(minutes=3), items=5, set_aside=4),
    )
    assert found.model_dump(exclude_none=True) == {
        "system": "clinics",
        "name": "Puskesmas",
        "state": FRESH,
        "fetched_at": AT - timedelta(minutes=3),
        "items": 7,
        "set_aside": 4,
        "withheld": 1,
    }


@pytest.mark.parametrize("state", [state for state in SourceState if state is not SourceState.PARTIAL])
def test_the_source_of_one_office_says_what_the_office_says(state):
    given = office(
        state,
        resource="booking",
        cause=Cause.TIMEOUT,
        retry_at=AT + timedelta(minutes=1),
        fetched_at=AT,
        items=3,
        set_aside=1,
        withheld=2,
    )
    said = one(given)
    for name in ("system", "resource", "state", "cause", "retry_at", "fetched_at", "items", "set_aside", "withheld"):
        assert getattr(said, name) == getattr(given, name)
    assert (said.name, said.offices) == ("Puskesmas", None)


@pytest.mark.parametrize(
    ("states", "combined"),
    [
        ((FRESH, FRESH), FRESH),
        ((FAILED, FAILED), FAILED),
        ((DENIED, DENIED), DENIED),
        ((HELD, FRESH), HELD),
        ((HELD, STALE), STALE),
        ((FRESH, NOT_ASKED), FRESH),
        ((FRESH, FAILED), SourceState.PARTIAL),
        ((STALE, FAILED), SourceState.PARTIAL),
        ((FRESH, UNLINKED), SourceState.PARTIAL),
        ((HELD, DENIED), SourceState.PARTIAL),
        ((UNLINKED, FAILED), FAILED),
        ((NOT_ASKED, UNLINKED), UNLINKED),
    ],
)
def test_the_state_of_a_system_follows_from_those_of_its_offices(states, combined):
    for order in (states, tuple(reversed(states))):
        assert one(*(office(state, str(number)) for number, state in enumerate(order))).state is combined


def test_an_office_that_failed_is_named_among_others_that_answered():
    retry_at = AT + timedelta(minutes=1)
    found = one(
        office(FAILED, cause=Cause.TIMEOUT, retry_at=retry_at), office(name="south", items=3), office(HELD, "east")
    )
    assert (found.state, found.cause, found.retry_at, found.items) == ("partial", "timeout", retry_at, 3)
    assert [each.model_dump(exclude_none=True) for each in found.offices] == [
        {"office": "north", "name": "Utara", "state": FAILED, "cause": Cause.TIMEOUT, "retry_at": retry_at}
    ]


def test_offices_of_one_state_are_not_listed_unless_their_causes_differ():
    late, away = office(FAILED, cause=Cause.TIMEOUT), office(FAILED, "south", cause=Cause.UNAVAILABLE)
    same = one(late, late.model_copy(update={"office": "south"}))
    assert (same.state, same.cause, same.offices) == ("failed", "timeout", None)
    different = one(late, away)
    assert (different.state, different.cause) == ("failed", None)
    assert [(each.office, each.cause) for each in different.offices] == [("north", "timeout"), ("south", "unavailable")]
    assert one(office(FRESH), office(HELD, "south")).offices is None


def test_the_earliest_retry_is_that_of_the_system():
    later = office(FAILED, cause=Cause.TIMEOUT, retry_at=AT + timedelta(minutes=2))
    sooner = office(FAILED, "south", cause=Cause.TIMEOUT, retry_at=AT + timedelta(minutes=1))
    assert one(later, sooner, office(FAILED, "east", cause=Cause.TIMEOUT)).retry_at == AT + timedelta(minutes=1)


def test_names_are_in_the_language_of_the_reader():
    sources = (office(FAILED, cause=Cause.TIMEOUT), office(name="south"))
    (source,) = public(*sources, language=Language.ENGLISH).sources
    assert (source.name, [each.name for each in source.offices]) == ("Health centres", ["North"])


def test_resources_of_one_system_are_sources_of_their_own_in_the_order_of_the_answer():
    sources = public(office(resource="bill"), office(name="south", resource="bill"), office(resource="visit"))
    assert [(each.system, each.resource) for each in sources.sources] == [("clinics", "bill"), ("clinics", "visit")]


def test_two_contributions_of_one_office_are_not_added():
    """A search with a token has both the public and the own complaints of one system."""
    held = OfficeSource(system="lapor", resource="complaint", state=HELD, items=1)
    own = held.model_copy(update={"state": FAILED, "items": None, "cause": Cause.TIMEOUT})
    sources = public(held, office(), own).sources
    assert [(each.system, each.state, each.items) for each in sources] == [
        ("lapor", "held", 1),
        ("clinics", "fresh", None),
        ("lapor", "failed", None),
    ]


@pytest.mark.parametrize(
    "hole",
    [
        office(FAILED, cause=Cause.TIMEOUT),
        office(STALE, cause=Cause.TIMEOUT),
        office(set_aside=1),
        office(withheld=1),
        office(UNLINKED, withheld=1),
    ],
    ids=lambda source: f"{source.state} {source.set_aside or ''} {source.withheld or ''}",
)
def test_no_hole_in_one_office_hides_in_its_system(hole):
    assert public(office(name="south"), hole, office(name="east")).complete is False


@pytest.mark.parametrize("state", [FRESH, HELD, UNLINKED, DENIED, NOT_ASKED])
def test_an_answer_is_complete_with_what_answered_and_what_may_not_be_asked(state):
    assert public(office(state, set_aside=0)).complete is True
    assert NO_SOURCES.complete is True


async def one_office_is_away(_name, call):
    if call.office == "south":
        raise UpstreamTimeoutError("late")


@pytest.fixture
def clinics():
    system = Fake("clinics", asks=("appointment",), feeds=("programme", "consultation"), offices=("north", "south"))
    system.records = {
        "appointment": [Wire("1", appointment())],
        "programme": [Wire("p", programme("Wirausaha"))],
        "consultation": [Wire("c", consultation("Forum", starts_at=AT))],
    }
    system.before = one_office_is_away
    return system


@pytest.mark.anyio
async def test_every_format_names_the_office_that_failed(tmp_path, clinics):
    partial = {"system": "clinics", "name": "Clinics", "state": "partial", "cause": "timeout"}
    away = {"office": "south", "name": "south", "state": "failed", "cause": "timeout"}
    async with gateway_before(tmp_path, clinics) as gateway:
        own = (await gateway.get("/v1/me/appointments", "resident")).json()
        mixed = (await gateway.get("/v1/me/overview", "resident")).json()
        held = (await gateway.get("/v1/programmes")).json()
        table = await gateway.get("/v1/programmes", accept="text/csv")
        calendar = await gateway.get("/v1/consultations", accept="text/calendar")
    for answer in (own, held):
        (source,) = answer["sources"]
        assert source.items() >= partial.items()
        assert (source["items"], source["offices"], answer["complete"]) == (1, [away], False)
    (source,) = mixed["sources"]
    assert source.items() >= {**partial, "resource": "appointment", "offices": [away]}.items()
    system, failing = table.headers["gerbang-sources"].split(", ")
    assert system.startswith('clinics;state="partial";cause="timeout";fetched_at=')
    assert failing == 'clinics;office="south";state="failed";cause="timeout"'
    assert "X-GERBANG-SOURCE:clinics/south: failed" in calendar.text


@pytest.mark.anyio
async def test_one_record_and_a_problem_have_the_sources_of_an_answer(tmp_path, clinics):
    async with gateway_before(tmp_path, clinics) as gateway:
        (item,) = (await gateway.get("/v1/programmes")).json()["items"]
        alone = (await gateway.get(f"/v1/programmes/{item['id']}")).json()
        clinics.before = None
        away = UpstreamUnavailableError("away", retry_at=gateway.clock() + timedelta(seconds=90))

        async def both_are_away(_name, call):
            raise away if call.office == "north" else UpstreamTimeoutError("late")

        clinics.before = both_are_away
        failed = await gateway.get("/v1/me/appointments", "resident")
    (source,) = alone["sources"]
    assert (source["system"], source["name"], source["state"]) == ("clinics", "Clinics", "held")
    (source,) = failed.json()["sources"]
    assert (failed.status_code, source["state"], "cause" in source) == (503, "failed", False)
    assert {each["office"]: each["cause"] for each in source["offices"]} == {"north": "unavailable", "south": "timeout"}
    assert failed.headers["retry-after"] == "90"
