"""Writes that are not carried out as they should be, each caught by its own rule against the simulator's ledger."""

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
def test_a_write_that_is_decided_later_passes_by_its_look_up(letters, write, passed, rule):
    async def send(call, command, code):
        said = await write.send(call, command, code)
        return Pending() if isinstance(said, Stored) else said

    passed(letters.check(rule, letters.with_write(send=send)))


def test_a_write_that_is_decided_later_and_never_found_is_caught(letters, write, broken):
    async def later(_call, _command, _code):
        return Pending()

    broken(letters.check("write-once", letters.with_write(send=later, look=later)), "the simulator takes none of")


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
        ("write-unsent", AdapterError, _stored, "said to be delivered, and the simulator does not have it"),
        ("write-lost", AdapterError, _stored, "lost before the answer: it is said to be delivered"),
        (
            "write-lost",
            AdapterError,
            _refused,
            "lost during the answer: it is said to be Rejected, and the simulator has it",
        ),
        ("write-damaged", AdapterError, _refused, "it is said to be Rejected, and the simulator has it"),
    ],
)
def test_a_doubt_that_is_explained_away(letters, write, broken, rule, catch, instead, words):
    broken(letters.check(rule, letters.with_write(send=_sending(write, catch, instead))), words)


def test_a_write_that_is_sent_twice(letters, write, broken):
    async def send(call, command, code):
        await write.send(call, command, code)
        return await write.send(call, command, code)

    broken(letters.check("write-once", letters.with_write(send=send)), "the simulator has it 2 times")


def test_a_write_that_repeats_itself_when_in_doubt(letters, write, broken):
    async def send(call, command, code):
        try:
            return await write.send(call, command, code)
        except AdapterError:
            return await write.send(call, command, code)

    broken(
        letters.check("write-lost", letters.with_write(send=send)),
        "lost after the answer: the simulator has it 2 times",
    )


async def _absent(_call, _command, _code):
    return Absent()


async def _found(_call, _command, _code):
    return Stored("surat/0001")


def test_a_look_up_that_finds_nothing(letters, broken):
    broken(letters.check("write-once", letters.with_write(look=_absent)), "does not find what was stored")
    broken(letters.check("write-lost", letters.with_write(look=_absent)), "the simulator has it [23] times")


def test_a_look_up_that_finds_everything(letters, broken):
    broken(letters.check("write-once", letters.with_write(look=_found)), "finds what nobody has ever written")


def test_a_look_up_that_takes_an_error_for_absence(letters, write, broken):
    async def look(call, command, code):
        try:
            return await write.look(call, command, code)
        except AdapterError:
            return Absent()

    finding = letters.check("write-look-damaged", letters.with_write(look=look))
    broken(finding, "submit-application looked up, timeout: is taken for an answer")


def test_a_command_that_must_be_refused_and_is_not(letters, write, broken):
    async def send(call, command, code):
        known = command.model_copy(update={"service": "domicile"})
        return await write.send(call, known, code)

    broken(letters.check("write-once", letters.with_write(send=send)), "with an unknown service: is not refused")


def test_a_write_that_the_simulator_never_takes(letters, broken):
    async def send(_call, _command, _code):
        return Refused("closed", "tutup")

    broken(letters.check("write-once", letters.with_write(send=send)), "the simulator takes none of [0-9] commands")


def test_a_command_that_nobody_can_make_is_said(letters, write):
    spec = replace(letters.spec, writes=(replace(write, command=AppointmentQuery),))
    finding = letters.check("write-once", spec)
    assert finding.result is Result.NOT_APPLICABLE
    assert finding.reason == "the suite does not know how to make a AppointmentQuery"


def test_a_write_that_follows_another_is_judged_on_its_own_ledger_entry(letters, passed, broken):
    submit, _, withdraw = letters.spec.writes
    spec = replace(letters.spec, writes=(submit, withdraw))
    passed(letters.check("write-once", spec))
    lying = replace(withdraw, send=_sending(withdraw, AdapterError, _refused))
    finding = letters.check("write-lost", replace(spec, writes=(submit, lying)))
    broken(finding, "withdraw-application, lost during the answer: it is said to be Rejected, and the simulator has it")


def test_a_write_that_follows_one_that_the_adapter_has_not(letters):
    finding = letters.check("write-once", replace(letters.spec, writes=letters.spec.writes[2:]))
    assert finding.result is Result.NOT_APPLICABLE
    assert finding.reason == "the suite can make a WithdrawApplication only after a SubmitApplication"
