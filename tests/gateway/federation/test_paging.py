"""Paging: no record twice, none missed that was there all the time, and a cursor opens only its own question."""

import json
from datetime import datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation.paging import Cursor, CursorRefusedError, Cursors, question_digest
from gateway.ground.clock import WITA
from gateway.ground.sealing import Sealer
from gateway.records.merge_order import merge_records
from gateway.shared.memory import MemoryShared
from schemas.programme import PROGRAMME
from schemas.records import Provenance, Record
from schemas.service import SERVICE
from tests.gateway.fakes import Fake, Wire, application, gateway_before, programme

AT = datetime(2026, 11, 23, 9, tzinfo=WITA)
CURSORS = Cursors(Sealer(b"\1" * 32))


@cache
def record(number):
    # Few names and years, so that many records differ by their id only.
    body = programme("ab"[number % 2], 2024 + number % 3)
    return Record(f"prg_{number:04}", str(number), body, Provenance(system="s", fetched_at=AT))


def listed(numbers):
    return merge_records(PROGRAMME, map(record, numbers))


changes = st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=8)


@given(present=st.sets(st.integers(0, 60)), limit=st.integers(1, 9), schedule=st.lists(changes, max_size=70))
@settings(deadline=None)
def test_while_records_come_and_go_none_is_shown_twice_and_none_that_stayed_is_missed(present, limit, schedule):
    present, stayed, shown, cursor = set(present), set(present), [], None
    for step in range(1000):
        page = CURSORS.page(
            PROGRAMME, listed(present), after=cursor, limit=limit, snapshot=f"list {step}", question="q"
        )
        assert len(page.records) <= limit
        shown += page.records
        if page.next is None:
            break
        assert len(page.records) == limit
        cursor = CURSORS.open(page.next, "q")
        for comes, number in schedule[step] if step < len(schedule) else ():
            (present.add if comes else present.discard)(number)
            if not comes:
                stayed.discard(number)
    else:
        pytest.fail("paging does not come to an end")
    numbers = [int(one.key) for one in shown]
    assert len(set(numbers)) == len(numbers)
    assert stayed <= set(numbers)
    assert list(merge_records(PROGRAMME, shown)) == shown


@given(
    position=st.lists(st.none() | st.text() | st.integers() | st.floats(allow_nan=False), max_size=4), name=st.text()
)
def test_a_cursor_is_read_back_as_it_was_made(position, name):
    cursor = Cursor(tuple(position), name)
    assert CURSORS.open(CURSORS.make(cursor, "q"), "q") == cursor


TEXT = CURSORS.make(Cursor((2026, "a", "prg_0001"), "list"), question_digest("programme", "{}"))


@given(text=st.text() | st.integers(0, len(TEXT) - 1).map(lambda at: TEXT[:at] + "A" + TEXT[at + 1 :]))
def test_no_other_text_is_a_cursor(text):
    if text != TEXT:
        with pytest.raises(CursorRefusedError):
            CURSORS.open(text, question_digest("programme", "{}"))


def test_a_cursor_of_another_question_or_order_is_refused():
    with pytest.raises(CursorRefusedError):
        CURSORS.open(TEXT, question_digest("programme", '{"year":2026}'))
    for position in ((1,), ("a", 2026, "id"), (2026, "a", "id", 4), ([], "a", "id")):
        old = CURSORS.open(CURSORS.make(Cursor(position, "list"), "q"), "q")
        with pytest.raises(CursorRefusedError):
            CURSORS.page(PROGRAMME, listed(range(5)), after=old, limit=2, snapshot="l", question="q")


async def walk(gateway, path, who=None, **given):
    """Every page, with what was said on the way."""
    answers = []
    while path:
        answer = await gateway.get(path, who, **given)
        assert answer.status_code == 200, answer.text
        answers.append(answer)
        link = answer.headers.get("link", "")
        path = link.partition(">")[0].removeprefix("<")
        assert link in ("", f'<{path}>; rel="next"')
        assert (answer.json()["next"] is None) is (not link)
    return answers


def keys(answers, name):
    return [item[name] for answer in answers for item in answer.json()["items"]]


@pytest.mark.anyio
async def test_public_pages_are_one_list_though_the_snapshot_is_renewed(tmp_path):
    system = Fake(feeds=("programme",))
    system.records["programme"] = [Wire(str(number), programme(f"P{number:02}")) for number in range(20)]
    async with gateway_before(tmp_path, system) as gateway:
        first = (await gateway.get("/v1/programmes?limit=7")).json()
        system.records["programme"] = [Wire(str(number), programme(f"P{number:02}")) for number in range(5, 25)]
        (feeder,) = gateway.deps.feeds._fetchers
        assert await gateway.deps.feeds.renew(feeder)
        rest = await walk(gateway, f"/v1/programmes?limit=7&cursor={first['next']}")
        anew = await walk(gateway, "/v1/programmes?limit=7")
        filtered = await gateway.get(f"/v1/programmes?limit=7&year=2026&cursor={first['next']}")
        elsewhere = await gateway.get(f"/v1/enterprises?cursor={first['next']}")
        # A quarter of an hour later the list is not held any more: it goes on in the newest one.
        gateway.clock.forward(minutes=16)
        assert await gateway.deps.feeds.renew(feeder)
        later = await walk(gateway, f"/v1/programmes?limit=7&cursor={first['next']}")
    shown = [item["name"] for item in first["items"]] + keys(rest, "name")
    assert shown == [f"P{number:02}" for number in range(20)]
    assert keys(anew, "name") == [f"P{number:02}" for number in range(5, 25)]
    assert keys(later, "name") == [f"P{number:02}" for number in range(7, 25)]
    for answer in (filtered, elsewhere):
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "cursor-invalid")


class SpiedCache(MemoryShared):
    """Keeps a list of the values that were put into the short-lived cache."""

    def __init__(self, **how):
        super().__init__(**how)
        self.put_values = []

    async def put(self, key, value, ttl):
        self.put_values.append(value)
        return await super().put(key, value, ttl)


@pytest.mark.anyio
async def test_a_callers_own_result_is_held_sealed_for_them_alone_and_not_for_long(tmp_path):
    system = Fake(asks=("application",))
    system.records["application"] = [Wire(str(n), application(number=f"{n:02}")) for n in range(20)]
    elapsed = 0.0
    cache = SpiedCache(monotonic=lambda: elapsed)
    async with gateway_before(tmp_path, system) as gateway:
        gateway.deps.results._cache = cache
        first = (await gateway.get("/v1/me/applications?limit=7", "resident")).json()
        system.records["application"] = []
        rest = await walk(gateway, f"/v1/me/applications?limit=7&cursor={first['next']}", "resident")
        (sealed,) = cache.put_values
        stolen = await gateway.get(f"/v1/me/applications?limit=7&cursor={first['next']}", "other")
        officers = await gateway.get(
            f"/v1/applications?cursor={first['next']}", "officer", purpose="application-handling"
        )
        elapsed = 1e12
        expired = await gateway.get(f"/v1/me/applications?limit=7&cursor={first['next']}", "resident")
    shown = [item["number"] for item in first["items"]] + keys(rest, "number")
    assert sorted(shown) == [f"{n:02}" for n in range(20)]
    # The pages were not asked for anew, and the account of the source stays the one of when it was asked.
    assert system.asked["application"] == 1
    assert {json.dumps(answer.json()["sources"]) for answer in rest} == {json.dumps(first["sources"])}
    assert b"Contoh" not in sealed
    assert b"637199" not in sealed
    assert {stolen.status_code, officers.status_code} == {422}
    assert (expired.status_code, expired.json()["type"].rpartition("/")[2]) == (410, "cursor-expired")


@pytest.mark.anyio
async def test_a_result_that_does_not_fit_is_refused_and_never_cut(tmp_path):
    system = Fake(asks=("application",))
    system.records["application"] = [Wire(str(n), application(text="x" * 400)) for n in range(100)]
    async with gateway_before(tmp_path, system) as gateway:
        gateway.deps.results._cache = MemoryShared(cache_bytes=80_000)
        answer = await gateway.get("/v1/me/applications?limit=7", "resident")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "too-many")
    assert answer.json()["sources"][0]["items"] == 100


@pytest.mark.anyio
@pytest.mark.parametrize("letter", ["x", "→", "\U0001f6a4"])
async def test_names_without_end_make_no_cursor_that_is_refused(tmp_path, letter):
    system = Fake(feeds=("programme",))
    names = [letter * 1500 + end for end in "dcba"]
    system.records["programme"] = [Wire(str(n) * 100, programme(name)) for n, name in enumerate(names)]
    async with gateway_before(tmp_path, system) as gateway:
        answers = await walk(gateway, "/v1/programmes?limit=1")
    assert sorted(keys(answers, "name")) == sorted(names)


@pytest.mark.anyio
async def test_a_page_of_exactly_the_limit_has_no_next(tmp_path):
    system = Fake(asks=("application",), feeds=("service",))
    system.records = {
        "application": [Wire(str(n), application()) for n in range(4)],
        "service": [Wire(str(n), service) for n, service in enumerate(SERVICES)],
    }
    async with gateway_before(tmp_path, system) as gateway:
        for path, who in (("/v1/me/applications?limit=4", "resident"), ("/v1/services?limit=4", None)):
            answer = await gateway.get(path, who)
            assert (len(answer.json()["items"]), answer.json()["next"]) == (4, None)
    assert SERVICE.order[-1] == "id"


SERVICES = [
    SERVICE.body.model_validate(
        {"kind": {"scheme": "letter-type", "code": code}, "name": {"id": code}, "agency": {"id": "a"}}
    )
    for code in ("a", "b", "c", "d")
]
