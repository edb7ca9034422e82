"""The adapter over the running simulator, its write carried out by the gateway's own delivery."""

import asyncio

import pytest

from adapters.contract import Absent, Bad
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.lapor import SPEC, normalise
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered, NotSent, OutcomeUnknown, Rejected
from schemas.complaint import COMPLAINT, ComplaintQuery, SubmitComplaint
from simulators.faults import Fault, FaultKind
from simulators.people import DEMONSTRATION
from simulators.write_loss import LossPoint

pytestmark = pytest.mark.anyio

PUBLIC, OWN = SPEC.reads
(WRITE,) = SPEC.writes
RESIDENT = DEMONSTRATION["resident"].nik
CODE = "GB-7F3K2Q"
COMMAND = SubmitComplaint(
    text="Jalan “Contoh” rusak & <parah> – mohon diperbaiki", kind="road", region="63.71.01.1001", anonymous=True
)


async def no_sleep(_seconds: float) -> None:
    return None


async def fed(system, mark=None):
    return [batch async for batch in PUBLIC.feed(system.call(), mark)]


async def own(system, nik=RESIDENT):
    found, mark = [], None
    while True:
        batch = await OWN.ask(system.call(nik), ComplaintQuery(), mark)
        found += [OWN.normalise(item).body for item in batch.items]
        mark = batch.next
        if mark is None:
            return found


async def delivered(system, command=COMMAND, *, nik=RESIDENT, within=10.0, code=CODE):
    return await carry_out(WRITE, lambda: system.call(nik, within=within), command, code, sleep=no_sleep)


def stored(system, code=CODE):
    return [write for write in system.state.ledger.writes if write["code"] == code]


async def test_the_feed_holds_nothing_that_is_secret_and_nobody(system):
    batches = await fed(system)
    rows = [item for batch in batches for item in batch.items]
    assert len(rows) > 300
    assert not any(isinstance(row, Bad) for row in rows)
    assert len({row.trackingid for row in rows}) == len(rows)
    assert {row.rahasia for row in rows} == {"0"}
    assert all(row.pelapor is None for row in rows)
    bodies = [PUBLIC.normalise(row).body for row in rows]
    assert all(COMPLAINT.anyone_may_see(body) and COMPLAINT.owner(body).nik is None for body in bodies)
    assert {body.anonymous for body in bodies} == {True, False}


async def test_a_feed_is_taken_up_from_its_mark(system):
    whole = [row.trackingid for batch in await fed(system) for row in batch.items]
    first = await anext(PUBLIC.feed(system.call(), None))
    rest = await fed(system, first.next)
    assert [row.trackingid for batch in (first, *rest) for row in batch.items] == whole


async def test_a_reporter_sees_their_own_and_nobody_elses(system):
    mine = await own(system)
    assert len(mine) == 11
    assert {COMPLAINT.owner(body).nik for body in mine} == {RESIDENT}
    assert {(body.confidential, body.anonymous) for body in mine} == {(False, False), (True, False), (False, True)}
    assert await own(system, "6371994101900010") == []
    assert all(body.location.region.code == "63.71.01.1001" for body in mine)


async def test_a_secret_report_is_fetched_by_its_reporter_only(system):
    secret = next(body for body in await own(system) if body.confidential)
    assert (await OWN.one(system.call(RESIDENT), secret.number)).trackingid == secret.number
    for other in (DEMONSTRATION["resident-renamed"].nik, None, ""):
        assert await OWN.one(system.call(other), secret.number) is None
    open_one = next(body for body in await own(system) if not body.confidential)
    seen = await OWN.one(system.call(DEMONSTRATION["resident-renamed"].nik), open_one.number)
    assert seen.pelapor is None
    assert await OWN.one(system.call(RESIDENT), "999999999999") is None


async def test_wrong_credentials_are_noticed_by_questions_and_by_the_probe(system):
    await SPEC.probe(system.call())
    for asking in (SPEC.probe, lambda call: OWN.ask(call, ComplaintQuery(), None)):
        with pytest.raises(CredentialsRefusedError):
            await asking(system.call(RESIDENT, token="wrong"))


async def test_too_many_requests_a_minute_are_told_in_either_way(system):
    await system.control("POST", "/records", {"kind": "rate", "per_minute": 0})
    for _ in range(2):
        with pytest.raises(UpstreamUnavailableError) as raised:
            await SPEC.probe(system.call())
        assert raised.value.retry_at is not None
    await system.control("DELETE", "/records/rate")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("500", UpstreamUnavailableError),
        ("rate-limited", UpstreamUnavailableError),
        ("html", UpstreamMalformedError),
        ("malformed", UpstreamMalformedError),
        ("redirect", UpstreamMalformedError),
        ("reset", UpstreamUnavailableError),
    ],
)
async def test_each_fault_that_arrives_as_an_answer(system, kind, error):
    await system.control("PUT", "/fault", {"kind": kind})
    with pytest.raises(error) as raised:
        await OWN.ask(system.call(RESIDENT), ComplaintQuery(), None)
    assert isinstance(raised.value, AdapterError)
    assert RESIDENT not in str(raised.value)


async def test_a_nik_never_stands_in_an_address(system):
    await own(system)
    await delivered(system)
    received = system.state.received.as_json()
    assert any(RESIDENT in one["body"] for one in received)
    assert all(RESIDENT not in f"{one['path']}{one['query']}{one['headers']}" for one in received)


async def test_what_was_written_reads_as_it_was_meant(system):
    outcome = await delivered(system)
    assert outcome == Delivered(stored(system)[0]["key"], stored(system)[0]["key"])
    body = OWN.normalise(await OWN.one(system.call(RESIDENT), outcome.key)).body
    assert body.text == COMMAND.text
    assert (body.kind.code, body.location.region.code) == ("road", "63.71.01.1001")
    assert (body.confidential, body.anonymous) == (False, True)
    assert COMPLAINT.owner(body).nik == RESIDENT
    # The public list shows it too, without whom it is from.
    first = await anext(PUBLIC.feed(system.call(), None))
    newest = PUBLIC.normalise(first.items[0]).body
    assert (newest.number, newest.text, newest.applicant) == (outcome.key, COMMAND.text, None)


@pytest.mark.parametrize("at", [LossPoint.BEFORE, LossPoint.DURING, LossPoint.AFTER])
async def test_a_lost_connection_leaves_exactly_one(system, at):
    system.state.write_loss.at = at
    outcome = await delivered(system)
    (written,) = stored(system)
    assert isinstance(outcome, Delivered)
    assert outcome.key == written["key"]
    assert outcome.looked_up == (at is not LossPoint.BEFORE)


async def test_a_write_that_hangs_is_looked_up_and_not_repeated(system):
    system.state.faults.set(Fault(FaultKind.HANG, times=1, path="/api/stream"))
    outcome = await delivered(system, within=0.7)
    assert isinstance(outcome, Delivered)
    assert len(stored(system)) == 1


async def test_a_system_that_is_lost_for_good_after_the_write_leaves_the_outcome_unknown(system):
    system.state.write_loss.at = LossPoint.AFTER
    system.state.faults.set(Fault(FaultKind.ERROR_500, path="/api/services"))
    assert isinstance(await delivered(system), OutcomeUnknown)
    assert len(stored(system)) == 1


async def test_a_write_to_nobody_was_sent_nothing(system):
    call = system.call(RESIDENT, base_url="http://127.0.0.1:9")
    assert isinstance(await carry_out(WRITE, lambda: call, COMMAND, CODE, sleep=no_sleep), NotSent)
    assert stored(system) == []


@pytest.mark.parametrize(
    ("changes", "nik", "code"),
    [
        ({"kind": "no-such"}, RESIDENT, "kind-unknown"),
        ({"region": "63.71"}, RESIDENT, "region-unknown"),
        ({}, "6371990101990001", "reporter-unknown"),
        ({"text": "a" + " " * 20}, RESIDENT, "text-refused"),
    ],
)
async def test_what_the_system_does_not_take_is_refused(system, changes, nik, code):
    outcome = await delivered(system, COMMAND.model_copy(update=changes), nik=nik)
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert stored(system) == []


async def test_two_commands_at_once_are_two_reports(system):
    codes = ("GB-AAAAAA", "GB-BBBBBB")
    await asyncio.gather(*(delivered(system, code=code) for code in codes))
    assert [len(stored(system, code)) for code in codes] == [1, 1]
    for code in codes:
        assert not isinstance(await WRITE.look(system.call(RESIDENT), COMMAND, code), Absent)


async def test_the_simulator_and_the_adapter_agree_on_every_demonstration_person(system):
    counts = {name: len(await own(system, person.nik)) for name, person in DEMONSTRATION.items() if person.nik}
    assert counts == {"resident": 11, "resident-damaged": 2, "resident-renamed": 1}


def test_the_key_is_the_tracking_number():
    assert normalise.key(normalise.Laporan(trackingid="1100001")) == "1100001"
