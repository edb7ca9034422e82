"""Snapshots: fresh, stale or gone by time and failure; a fetch that broke goes on; a restart serves what was held."""

import asyncio
import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from adapters.contract import Batch
from adapters.errors import UpstreamMalformedError, UpstreamTimeoutError, UpstreamUnavailableError
from gateway.records.serialization import pack
from gateway.snapshots import persistence as keeping
from gateway.snapshots.feeds import FeedSettingsError
from gateway.snapshots.fetcher import _GRACE
from gateway.snapshots.settings import FeedSettings
from gateway.storage.tables.snapshots import SnapshotRow
from schemas.programme import ParticipantEnterprise
from tests.gateway.fakes import NIK, OTHER_NIK, Clock, Fake, Wire, enrolment, gateway_before, programme, service

pytestmark = pytest.mark.anyio


def raising(error):
    async def before(_name, _call):
        raise error

    return before


def programmes(*names):
    return [Wire(name, programme(name)) for name in names]


async def renew(gateway, resource="programme"):
    """Fetch a feed now; whether it came."""
    (feeder,) = [one for one in gateway.deps.feeds._fetchers if one.key.resource == resource]
    return await gateway.deps.feeds.renew(feeder)


async def source(gateway, path="/v1/programmes", who=None):
    answer = await gateway.get(path, who)
    return answer, (answer.json()["sources"] or [None])[0]


@pytest.fixture
def system():
    system = Fake(feeds=("programme",), fresh=timedelta(minutes=20), keep=timedelta(hours=2))
    system.records["programme"] = programmes("A", "B", "C")
    return system


async def test_a_snapshot_is_held_then_stale_then_gone_and_says_its_age(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        began = gateway.clock().isoformat()
        answer, held = await source(gateway)
        assert (held["state"], held["fetched_at"], answer.json()["complete"]) == ("held", began, True)
        system.before = raising(UpstreamUnavailableError("gone", retry_at=gateway.clock() + timedelta(seconds=40)))
        assert not await renew(gateway)
        answer, stale = await source(gateway)
        assert (stale["state"], stale["cause"], stale["fetched_at"]) == ("stale", "unavailable", began)
        assert "retry_at" in stale
        assert (len(answer.json()["items"]), answer.json()["complete"]) == (3, False)
        system.before = None
        gateway.clock.forward(minutes=1)
        assert await renew(gateway)
        answer, held = await source(gateway)
        assert (held["state"], held["fetched_at"]) == ("held", gateway.clock().isoformat())
        # Nobody has renewed it for longer than it counts as fresh.
        gateway.clock.forward(minutes=21)
        _, stale = await source(gateway)
        assert (stale["state"], stale["cause"]) == ("stale", "unavailable")
        gateway.clock.forward(hours=2)
        answer, gone = await source(gateway)
        assert (answer.status_code, gone["state"]) == (503, "failed")
        assert "items" not in gone


async def test_a_snapshot_of_the_future_is_stale_until_it_is_renewed_and_held_no_longer_than_any(
    tmp_path, system, caplog
):
    """Its clock was wrong when it was fetched: how old it is, nobody knows."""
    async with gateway_before(tmp_path, system) as gateway:
        gateway.clock.forward(days=300)
        assert await renew(gateway)
        gateway.clock.forward(days=-300)
        for _ in range(2):
            answer, unknown = await source(gateway)
            assert (unknown["state"], unknown["cause"]) == ("stale", "unavailable")
            assert "fetched_at" not in unknown
            assert (len(answer.json()["items"]), answer.json()["complete"]) == (3, False)
        assert caplog.text.count("snapshot with a time in the future") == 1
        (office,) = (await gateway.get("/v1/systems")).json()["items"][0]["offices"]
        assert (office["snapshots"][0]["state"], office["snapshots"][0]["fetched_at"]) == ("stale", None)
        gateway.clock.forward(hours=2, minutes=1)
        answer, gone = await source(gateway)
        assert (gone["state"], answer.status_code) == ("failed", 503)
        assert await renew(gateway)
        _, held = await source(gateway)
        assert (held["state"], held["fetched_at"]) == ("held", gateway.clock().isoformat())
        # Clocks may differ a little.
        gateway.clock.forward(seconds=-50)
        assert (await source(gateway))[1]["state"] == "held"


async def test_a_snapshot_of_the_future_is_stale_after_a_restart(tmp_path, system):
    ahead = Clock()
    ahead.forward(days=300)
    async with gateway_before(tmp_path, system, clock=ahead):
        pass
    system.before = raising(UpstreamUnavailableError("gone"))
    async with gateway_before(tmp_path, system) as gateway:
        answer, unknown = await source(gateway)
        assert (unknown["state"], "fetched_at" in unknown, len(answer.json()["items"])) == ("stale", False, 3)


async def test_a_list_shown_before_is_not_shown_once_its_snapshot_is_too_old(tmp_path, system):
    fresh = Fake("second", feeds=("programme",), fresh=timedelta(days=1), keep=timedelta(days=9))
    fresh.records["programme"] = programmes("Z")
    async with gateway_before(tmp_path, system, fresh, result_hold=timedelta(hours=5)) as gateway:
        first = (await gateway.get("/v1/programmes?limit=1")).json()
        assert first["complete"] is True
        gateway.clock.forward(hours=3)
        answer = (await gateway.get(f"/v1/programmes?limit=9&cursor={first['next']}")).json()
    assert [item["name"] for item in answer["items"]] == ["Z"]
    assert {one["system"]: one["state"] for one in answer["sources"]} == {"register": "failed", "second": "held"}


async def test_what_is_asked_for_is_what_the_source_is_said_to_have_contributed(tmp_path, system):
    system.records["programme"] += [Wire("old", programme("old", 2019)), Wire("broken")]
    async with gateway_before(tmp_path, system) as gateway:
        answer, account = await source(gateway, "/v1/programmes?year=2019")
    assert (len(answer.json()["items"]), account["items"], account["set_aside"]) == (1, 1, 1)
    assert answer.json()["complete"] is False


async def test_a_broken_fetch_goes_on_where_it_broke_off(tmp_path):
    system = Fake(feeds=("programme",), page=2)
    system.records["programme"] = programmes(*"ABCDEFG")
    marks = []

    async def third_page_breaks(name, _call):
        if system.asked[name] == 3:
            raise UpstreamUnavailableError("cut off")

    page = system._page
    system._page = lambda held, mark: marks.append(mark) or page(held, mark)
    system.before = third_page_breaks
    async with gateway_before(tmp_path, system) as gateway:
        answer, account = await source(gateway)
        assert (answer.status_code, account["state"]) == (503, "failed")
        began = gateway.clock().isoformat()
        gateway.clock.forward(minutes=2)
        assert await renew(gateway)
        answer, account = await source(gateway)
    assert [item["name"] for item in answer.json()["items"]] == list("ABCDEFG")
    assert marks == [None, "2", "4", "6"]
    # It is as old as its oldest part.
    assert account["fetched_at"] == began


async def test_a_mark_that_leads_nowhere_is_given_up(tmp_path):
    system = Fake(feeds=("programme",), page=2)
    system.records["programme"] = programmes(*"ABC")
    broken = True

    def page(held, mark):
        if mark and broken:
            raise UpstreamMalformedError("there is no such mark")
        return Fake._page(system, held, mark)

    system._page = page
    async with gateway_before(tmp_path, system) as gateway:
        assert not await renew(gateway)
        broken = False
        asked = system.asked["programme"]
        assert await renew(gateway)
        assert system.asked["programme"] == asked + 2
        answer, _ = await source(gateway)
    assert [item["name"] for item in answer.json()["items"]] == list("ABC")


@pytest.mark.parametrize(
    ("page", "cause"),
    [
        (lambda _held, _mark: Batch((), next="again"), "malformed"),
        (lambda held, _mark: Batch((*held, *held), next=str(len(held))), "malformed"),
        (lambda _held, _mark: 1 / 0, "malformed"),
    ],
    ids=["in circles", "over the limit", "fault"],
)
async def test_a_feed_that_does_not_end_well_leaves_the_snapshot_as_it_was(tmp_path, page, cause):
    system = Fake(feeds=("programme",), max_items=5)
    system.records["programme"] = programmes("A", "B", "C")
    async with gateway_before(tmp_path, system) as gateway:
        system._page = page
        assert not await renew(gateway)
        answer, account = await source(gateway)
    assert ([item["name"] for item in answer.json()["items"]], account["state"]) == (["A", "B", "C"], "stale")
    assert account["cause"] == cause


async def test_one_text_that_is_no_unicode_costs_one_record_and_not_the_snapshot(tmp_path, system):
    system.records["programme"] += [Wire("bad", programme("\ud800")), Wire("\udfff", programme("D"))]
    async with gateway_before(tmp_path, system) as gateway:
        answer, account = await source(gateway)
        assert await kept_in(gateway) == {"programme"}
    assert ([item["name"] for item in answer.json()["items"]], account["set_aside"]) == (["A", "B", "C"], 2)


async def test_a_snapshot_is_written_down_beside_the_loop_and_only_when_it_has_changed(tmp_path, system, monkeypatch):
    wrote = []
    monkeypatch.setattr(keeping, "pack", lambda records: wrote.append(threading.current_thread()) or pack(records))
    async with gateway_before(tmp_path, system) as gateway:
        assert await renew(gateway)
        system.records["programme"] = programmes("A")
        assert await renew(gateway)
    assert len(wrote) == 2
    assert threading.main_thread() not in wrote


async def test_a_list_of_bad_records_is_one_line_for_each_reason(tmp_path, system, caplog):
    system.records["programme"] = [Wire(str(number)) for number in range(300)]
    async with gateway_before(tmp_path, system):
        pass
    lines = [line for line in caplog.records if line.getMessage() == "record set aside"]
    assert [(line.reason, line.count, line.system) for line in lines] == [("the record has no body", 300, "register")]


async def test_each_record_is_as_old_as_its_own_page_states(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        (feeder,) = gateway.deps.feeds._fetchers
        at = gateway.clock()

        async def pages(_call, _mark):
            for name, minutes, mark in (("A", 9, "1"), ("B", 5, "2"), ("C", None, None)):
                as_of = None if minutes is None else at - timedelta(minutes=minutes)
                yield Batch(tuple(programmes(name)), as_of=as_of, next=mark)

        object.__setattr__(feeder.row, "feed", pages)
        assert await renew(gateway)
        answer, _ = await source(gateway)
        (status,) = (await gateway.get("/v1/systems/register")).json()["offices"][0]["snapshots"]
    stated = {item["name"]: item["provenance"]["as_of"] for item in answer.json()["items"]}
    nine, five = ((at - timedelta(minutes=minutes)).isoformat() for minutes in (9, 5))
    assert stated == {"A": nine, "B": five, "C": None}
    assert status["as_of"] == five, "the time of the newest data"


async def test_a_feed_that_stops_before_its_end_withdraws_nothing(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        (feeder,) = gateway.deps.feeds._fetchers

        async def stops(_call, _mark):
            for batch in (Batch(tuple(programmes("A")), next="1"),):
                yield batch

        object.__setattr__(feeder.row, "feed", stops)
        assert not await renew(gateway)
        answer, account = await source(gateway)
    assert (len(answer.json()["items"]), account["state"], account["cause"]) == (3, "stale", "malformed")


async def test_a_feed_that_hangs_ends(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        (feeder,) = gateway.deps.feeds._fetchers
        closed = asyncio.Event()

        async def hangs(_call, _mark):
            try:
                await asyncio.Event().wait()
                yield Batch(())
            finally:
                closed.set()

        object.__setattr__(feeder.row, "feed", hangs)
        with pytest.raises(UpstreamTimeoutError):
            await feeder.fetch(-_GRACE + timedelta(seconds=0.1))
        assert closed.is_set()


async def test_a_restart_serves_what_was_held_before(tmp_path, system):
    system.records["programme"].append(Wire("broken"))
    people = Fake("people", feeds=("enrolment",), fresh=timedelta(minutes=20), keep=timedelta(hours=2))
    people.records["enrolment"] = [Wire("1", enrolment()), Wire("2", enrolment(OTHER_NIK))]
    clock = Clock()
    async with gateway_before(tmp_path, system, people, clock=clock) as gateway:
        before, _ = await source(gateway)
    system.before = people.before = raising(UpstreamUnavailableError("gone"))
    clock.forward(minutes=90)
    async with gateway_before(tmp_path, system, people, clock=clock) as gateway:
        after, account = await source(gateway)
        own, enrolled = await source(gateway, "/v1/me/overview", "resident")
        assert after.json()["items"] == before.json()["items"]
        assert (account["state"], account["set_aside"]) == ("stale", 1)
        assert account["fetched_at"].endswith("+08:00")
        assert (len(own.json()["items"]), enrolled["state"]) == (1, "stale")
        # What may not be held any longer is deleted: from memory, and from the database.
        clock.forward(minutes=31)
        assert not await renew(gateway, "enrolment")
        assert await kept_in(gateway) == {"programme"}
        assert gateway.deps.snapshots.of_office("people", None)[0].snapshot is None
    async with gateway_before(tmp_path, system, people, clock=clock) as gateway:
        answer, account = await source(gateway)
        assert (answer.status_code, account["state"]) == (503, "failed")
        assert await kept_in(gateway) == set()


@pytest.mark.parametrize("restart", [False, True])
async def test_bodies_that_did_not_change_are_held_again_and_their_records_say_the_newer_time(
    tmp_path, system, restart
):
    clock = Clock()
    async with gateway_before(tmp_path, system, clock=clock) as gateway:
        if not restart:
            await check_the_same_bodies(gateway, clock)
    if restart:
        system.before = raising(UpstreamUnavailableError("gone"))
        async with gateway_before(tmp_path, system, clock=clock) as gateway:
            system.before = None
            await check_the_same_bodies(gateway, clock)


async def check_the_same_bodies(gateway, clock):
    (state,) = gateway.deps.snapshots.of_resource("programme")
    before = state.snapshot
    clock.forward(minutes=1)
    assert await renew(gateway)
    after = state.snapshot
    assert [one.body is other.body for one, other in zip(after.records, before.records, strict=True)] == [True] * 3
    assert {one.provenance.fetched_at for one in after.records} == {clock()}


async def test_a_stored_snapshot_that_was_cut_off_is_not_served(tmp_path, system, caplog):
    async with gateway_before(tmp_path, system) as gateway, gateway.deps.database.session() as session:
        row = await session.scalar(select(SnapshotRow))
        row.content = row.content.rpartition(b"\n")[0]
        await session.commit()
    system.before = raising(UpstreamUnavailableError("gone"))
    async with gateway_before(tmp_path, system) as gateway:
        answer, account = await source(gateway)
    assert (answer.status_code, account["state"]) == (503, "failed")
    assert "stored snapshot not readable" in caplog.text


async def kept_in(gateway):
    async with gateway.deps.database.session() as session:
        return set(await session.scalars(select(SnapshotRow.resource)))


async def test_what_is_kept_of_people_is_sealed_and_what_cannot_be_read_is_left_alone(tmp_path):
    system = Fake(feeds=("enrolment", "programme"))
    system.records = {
        "enrolment": [Wire("1", enrolment(enterprise=ParticipantEnterprise(name="Warung")))],
        "programme": programmes("A"),
    }
    async with gateway_before(tmp_path, system) as gateway, gateway.deps.database.session() as session:
        rows = {row.resource: row for row in await session.scalars(select(SnapshotRow))}
        assert (rows["enrolment"].sealed, rows["programme"].sealed) == (True, False)
        for secret in (NIK, "Contoh", "Warung"):
            assert secret.encode() not in rows["enrolment"].content
        rows["programme"].content = b"[]\n{}"
        rows["enrolment"].content = b'{"set_aside":0,"count":1,"id_scheme":2}\n[]'
        assert await session.scalar(select(func.count()).select_from(SnapshotRow)) == 2
    system.before = raising(UpstreamUnavailableError("gone"))
    async with gateway_before(tmp_path, system) as gateway:
        answer, _ = await source(gateway)
        assert answer.status_code == 503
        assert (await gateway.get("/v1/me/overview", "resident")).status_code == 503


async def test_a_snapshot_of_an_earlier_scheme_of_ids_is_not_used_and_the_next_fetch_replaces_it(tmp_path):
    """The ids in it do not open. The version before wrote its snapshots without the number of a scheme."""
    system = Fake(feeds=("enrolment", "programme"))
    system.records = {"enrolment": [Wire("1", enrolment())], "programme": programmes("A")}
    async with gateway_before(tmp_path, system) as gateway, gateway.deps.database.session() as session:
        for row in await session.scalars(select(SnapshotRow)):
            head, _, rest = row.content.partition(b"\n")
            row.content = json.dumps(json.loads(head) | {"id_scheme": 1}).encode() + b"\n" + rest
            if row.resource == "enrolment":
                row.content = b'{"set_aside": 0, "count": 1}\n' + rest
            row.digest = "made of the earlier ids"
    system.before = raising(UpstreamUnavailableError("gone"))
    async with gateway_before(tmp_path, system) as gateway:
        for path, who in (("/v1/programmes", None), ("/v1/me/overview", "resident")):
            answer, account = await source(gateway, path, who)
            assert (answer.status_code, account["state"], account["cause"]) == (503, "failed", "unavailable")
        system.before = None
        assert await renew(gateway, "programme")
        assert await renew(gateway, "enrolment")
    system.before = raising(UpstreamUnavailableError("gone"))
    async with gateway_before(tmp_path, system) as gateway:
        for path, who in (("/v1/programmes", None), ("/v1/me/overview", "resident")):
            answer, _ = await source(gateway, path, who)
            assert (answer.status_code, len(answer.json()["items"])) == (200, 1)


async def test_an_unchanged_list_keeps_its_name_so_that_cursors_keep_their_list(tmp_path, system):
    async with gateway_before(tmp_path, system) as gateway:
        snapshots, resource = gateway.deps.snapshots, gateway.deps.feeds._fetchers[0].row.resource
        first = snapshots.public(resource)
        gateway.clock.forward(minutes=1)
        assert await renew(gateway)
        second = snapshots.public(resource)
        assert (second.id, second.records[0].provenance.fetched_at > first.records[0].provenance.fetched_at) == (
            first.id,
            True,
        )
        for number in range(60):
            system.records["programme"] = programmes(str(number))
            assert await renew(gateway)
            snapshots.public(resource)
        assert len(snapshots._lists) <= 8
        assert snapshots.earlier(resource, first.id) is None


async def test_a_list_that_changes_all_the_time_pushes_off_none_of_another_resource(tmp_path):
    system = Fake(feeds=("programme", "service"))
    system.records = {"programme": programmes("A"), "service": [Wire(code, service(code)) for code in ("a", "b")]}
    async with gateway_before(tmp_path, system) as gateway:
        first = (await gateway.get("/v1/services?limit=1")).json()
        system.records["service"] = [Wire("c", service("c"))]
        assert await renew(gateway, "service")
        for number in range(40):
            system.records["programme"] = programmes(str(number))
            assert await renew(gateway)
            await gateway.get("/v1/programmes")
        answer = (await gateway.get(f"/v1/services?limit=1&cursor={first['next']}")).json()
    assert [item["kind"]["code"] for item in answer["items"]] == ["b"]


@pytest.mark.parametrize(
    ("fresh", "every", "pauses"),
    [
        (timedelta(minutes=10), None, [300, 2, 4, 8, 8]),
        (timedelta(seconds=10), None, [5, 2, 4, 5, 5]),
        (timedelta(seconds=1), None, [2, 2, 2, 2, 2]),
        (timedelta(minutes=10), timedelta(seconds=0.5), [0.5, 0.5, 0.5, 0.5, 0.5]),
        (timedelta(seconds=10), timedelta(minutes=1), [60, 2, 4, 8, 8]),
    ],
)
async def test_a_feed_pauses_for_half_its_freshness_or_as_set_and_never_longer_than_eight_seconds_after_a_failure(
    tmp_path, fresh, every, pauses
):
    system = Fake(feeds=("programme",), fresh=fresh)
    feeds = FeedSettings(every={"register": every} if every else {})
    async with gateway_before(tmp_path, system, feeds=feeds) as gateway:
        (feeder,) = gateway.deps.feeds._fetchers
        assert [gateway.deps.feeds.pause(feeder, failures).total_seconds() for failures in range(5)] == pauses


async def test_a_pause_for_a_system_without_a_feed_is_refused(tmp_path, system):
    settings = FeedSettings(every={"registr": timedelta(seconds=1)})
    with pytest.raises(FeedSettingsError, match=r"^Setting feeds\.every: no system with a feed is called registr\.$"):
        async with gateway_before(tmp_path, system, feeds=settings):
            pass
