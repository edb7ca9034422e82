"""Faulty writes: each fails its rule by the simulator's ledger."""

from dataclasses import replace

import pytest

from adapters.contract import Absent, Pending, Refused, Stored
from adapters.errors import AdapterError
from conformance.rules import Result
from schemas.health import AppointmentQuery

pytestmark = pytest.mark.xdist_group("conformance")


@pytest.fixture
def write(letters):
    return letters.spec.writes[0]


@pytest.mark.parametrize("rule", ["write-once", "write-lost", "write-unsent"])
def test_a_write_that_is_decided_later_passes_by_its_look_up(letters, write, assert_passed, rule):
    async def send(call, command, code):
        said = await write.send(call, command, code)
        return Pending() if isinstance(said, Stored) else said

    assert_passed(letters.check(rule, letters.with_write(send=send)))


def test_a_write_that_is_decided_later_and_never_found_is_caught(letters, write, assert_broken):
    async def later(_call, _command, _code):
        return Pending()

    assert_broken(
        letters.check("write-once", letters.with_write(send=later, look=later)), "the simulator accepts none of"
    )


def _sending(write, catch, instead):
    async def send(call, command, code):
        try:
            return await write.send(call, command, code)
        except catch as error:
            return instead(error)

    return send


def _stored(_error):
    return Stored("surat/0001")


def _refused(_error):
    return Refused("refused", "tidak bisa")


@pytest.mark.parametrize(
    ("rule", "catch", "instead", "words"),
    [
        ("write-unsent", AdapterError, _stored, "reported as delivered, and the simulator does not have it"),
        ("write-lost", AdapterError, _stored, "lost before the answer: it is reported as delivered"),
        (
            "write-lost",
            AdapterError,
            _refused,
            "lost during the answer: it is reported as Rejected, and the simulator has it",
        ),
        ("write-damaged", AdapterError, _refused, "it is reported as Rejected, and the simulator has it"),
    ],
)
def test_an_unknown_outcome_that_is_reported_as_known(letters, write, assert_broken, rule, catch, instead, words):
    assert_broken(letters.check(rule, letters.with_write(send=_sending(write, catch, instead))), words)


def test_a_write_that_is_sent_twice(letters, write, assert_broken):
    async def send(call, command, code):
        await write.send(call, command, code)
        return await write.send(call, command, code)

    assert_broken(letters.check("write-once", letters.with_write(send=send)), "the simulator has it 2 times")


def test_a_write_that_repeats_itself_when_in_doubt(letters, write, assert_broken):
    async def send(call, command, code):
        try:
            return await write.send(call, command, code)
        except AdapterError:
            return await write.send(call, command, code)

    assert_broken(
        letters.check("write-lost", letters.with_write(send=send)),
        "lost after the answer: the simulator has it 2 times",
    )


async def _absent(_call, _command, _code):
    return Absent()


async def _found(_call, _command, _code):
    return Stored("surat/0001")


def test_a_look_up_that_finds_nothing(letters, assert_broken):
    assert_broken(letters.check("write-once", letters.with_write(look=_absent)), "does not find what was stored")
    assert_broken(letters.check("write-lost", letters.with_write(look=_absent)), "the simulator has it [23] times")


def test_a_look_up_that_finds_everything(letters, assert_broken):
    assert_broken(letters.check("write-once", letters.with_write(look=_found)), "finds a write that was never sent")


def test_a_look_up_that_takes_an_error_for_absence(letters, write, assert_broken):
    async def look(call, command, code):
        try:
            return await write.look(call, command, code)
        except AdapterError:
            return Absent()

    finding = letters.check("write-look-damaged", letters.with_write(look=look))
    assert_broken(finding, "look-up of submit-application, reset: is taken for a valid answer")


def test_a_command_that_must_be_refused_and_is_not(letters, write, assert_broken):
    async def send(call, command, code):
        known = command.model_copy(update={"kind": "domicile"})
        return await write.send(call, known, code)

    assert_broken(letters.check("write-once", letters.with_write(send=send)), "with an unknown kind: is not refused")


def test_a_write_that_the_simulator_never_takes(letters, assert_broken):
    async def send(_call, _command, _code):
        return Refused("closed", "tutup")

    assert_broken(
        letters.check("write-once", letters.with_write(send=send)), "the simulator accepts none of [0-9] commands"
    )


def test_a_command_that_the_suite_cannot_build(letters, write):
    spec = replace(letters.spec, writes=(replace(write, command=AppointmentQuery),))
    finding = letters.check("write-once", spec)
    assert finding.result is Result.NOT_APPLICABLE
    assert finding.reason == "the suite cannot build a command of type AppointmentQuery"


def test_a_follow_up_write_is_checked_by_its_own_ledger_entry(letters, assert_passed, assert_broken):
    submit, _, withdraw = letters.spec.writes
    spec = replace(letters.spec, writes=(submit, withdraw))
    assert_passed(letters.check("write-once", spec))
    lying = replace(withdraw, send=_sending(withdraw, AdapterError, _refused))
    finding = letters.check("write-lost", replace(spec, writes=(submit, lying)))
    assert_broken(
        finding, "withdraw-application, lost during the answer: it is reported as Rejected, and the simulator has it"
    )


def test_a_follow_up_write_without_its_prerequisite(letters):
    finding = letters.check("write-once", replace(letters.spec, writes=letters.spec.writes[2:]))
    assert finding.result is Result.NOT_APPLICABLE
    assert finding.reason == "the suite can build a WithdrawApplication only after a SubmitApplication"
