"""A write into a system that stores twice what is sent twice, over a connection that is lost on demand."""

import asyncio

import pytest

from adapters.e_kelurahan import SPEC
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered, NotSent, OutcomeUnknown, Rejected
from schemas.application import SubmitApplication
from simulators.faults import Fault, FaultKind
from simulators.people import DEMONSTRATION
from simulators.write_loss import LossPoint

pytestmark = pytest.mark.anyio

CODE = "GB-7F3K2Q"
DOMICILE = SubmitApplication(kind="domicile", region="63.71.01.1001", text="Pembukaan rekening – untuk “usaha”")


class Waited:
    """Does not sleep, and remembers how long it should have."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def delivered(letters, command=DOMICILE, **call):
    waited = Waited()
    outcome = await carry_out(letters.write, lambda: letters.call(**call), command, CODE, sleep=waited)
    return outcome, waited.seconds


def _posts(letters):
    return sum(request["path"] == "/permohonan/simpan" for request in letters.state.received.as_json())


async def test_a_write_that_nothing_disturbs(letters):
    outcome, waited = await delivered(letters)
    (stored,) = letters.written(CODE)
    assert outcome == Delivered(stored["key"], f"S-{stored['key'].removeprefix('surat/')}")
    assert waited == []


@pytest.mark.parametrize("at", [LossPoint.BEFORE, LossPoint.DURING, LossPoint.AFTER])
async def test_a_lost_connection_leaves_exactly_one(letters, at):
    letters.state.write_loss.at = at
    outcome, waited = await delivered(letters)
    (stored,) = letters.written(CODE)
    assert isinstance(outcome, Delivered)
    assert outcome.key == stored["key"]
    assert outcome.looked_up == (at is not LossPoint.BEFORE)
    assert letters.write.settle.total_seconds() in waited
    assert _posts(letters) == (2 if at is LossPoint.BEFORE else 1)


async def test_what_was_written_reads_as_it_was_meant(letters):
    outcome, _ = await delivered(letters)
    row = next(row for row in SPEC.reads if row.one is not None)
    body = row.normalise(await row.one(letters.call(), outcome.key)).body
    assert body.text == DOMICILE.text
    assert (body.kind.code, body.location.region.code) == (DOMICILE.kind, DOMICILE.region)
    assert row.resource.owner(body).nik == DEMONSTRATION["resident"].nik


async def test_a_write_that_hangs_is_looked_up_and_not_repeated(letters):
    letters.state.faults.set(Fault(FaultKind.HANG, times=1, path="/permohonan/simpan"))
    outcome, _ = await delivered(letters, within=0.7)
    assert isinstance(outcome, Delivered)
    assert len(letters.written(CODE)) == 1


async def test_a_session_that_ends_between_form_and_answer(letters):
    letters.state.faults.set(Fault(FaultKind.LOGIN, times=1, path="/permohonan/simpan"))
    outcome, _ = await delivered(letters)
    assert isinstance(outcome, Delivered)
    assert len(letters.written(CODE)) == 1


async def test_a_system_that_is_down_before_the_form_is_asked_for_was_sent_nothing(letters):
    letters.state.faults.set(Fault(FaultKind.RESET))
    outcome, _ = await delivered(letters)
    assert isinstance(outcome, NotSent)
    assert letters.written(CODE) == []


async def test_a_system_that_is_lost_for_good_after_the_write_leaves_the_outcome_unknown(letters):
    letters.state.write_loss.at = LossPoint.AFTER
    letters.state.faults.set(Fault(FaultKind.ERROR_500, path="/permohonan/cari"))
    outcome, _ = await delivered(letters)
    assert isinstance(outcome, OutcomeUnknown)
    assert len(letters.written(CODE)) == 1


async def test_a_cancelled_write_is_still_looked_up_and_never_sent_again(letters):
    letters.state.faults.set(Fault(FaultKind.SLOW, times=1, path="/permohonan/simpan"))
    task = asyncio.ensure_future(delivered(letters))
    while not _posts(letters):  # noqa: ASYNC110 - it happens on the other side of a socket
        await asyncio.sleep(0.01)
    task.cancel()
    outcome, _ = await task
    assert isinstance(outcome, NotSent)
    assert letters.written(CODE) == []


@pytest.mark.parametrize(
    ("changes", "nik", "code"),
    [
        ({"kind": "no-such-letter"}, None, "service-unknown"),
        ({"kind": "travel"}, None, "service-not-offered"),
        ({"region": "63.71"}, None, "region-unknown"),
        ({}, "6371990101990001", "applicant-unknown"),
        ({}, "", "nik-missing"),
    ],
)
async def test_what_the_system_does_not_take_is_refused(letters, changes, nik, code):
    command = DOMICILE.model_copy(update=changes)
    outcome, _ = await delivered(letters, command, **({} if nik is None else {"nik": nik}))
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert letters.written(CODE) == []


async def test_two_commands_at_once_are_two_applications(letters):
    codes = ("GB-AAAAAA", "GB-BBBBBB")
    sleep = Waited()
    await asyncio.gather(*(carry_out(letters.write, letters.call, DOMICILE, code, sleep=sleep) for code in codes))
    assert [len(letters.written(code)) for code in codes] == [1, 1]
