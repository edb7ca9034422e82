"""Adapters that leak secrets or personal data: each fails the redaction rule."""

import logging
from dataclasses import replace

import pytest

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError
from adapters.upstream import HttpRequest
from conformance.leaks import CANARY, LeakDetector

pytestmark = pytest.mark.xdist_group("conformance")


def _asking(adapter, tell):
    row = adapter.row("resident")

    async def ask(call, query, mark):
        batch = await row.ask(call, query, mark)
        tell(call, batch)
        return batch

    return adapter.with_row("resident", ask=ask)


def _log(_call, batch):
    logging.getLogger("adapters.dukcapil").debug("found %s", batch.items[0].NAMA_LGKP if batch.items else "nobody")


def _log_extra(call, _batch):
    logging.getLogger("adapters.dukcapil").info("asked", extra={"asked": {"nik": call.subject.nik}})


def _log_error(call, _batch):
    try:
        {}[call.subject.nik]
    except KeyError:
        logging.getLogger("adapters.dukcapil").exception("nobody was found")


def _raise_secret(call, _batch):
    raise UpstreamMalformedError(f"login with {call.settings.password.get_secret_value()}")


def test_a_sound_adapter_leaks_nothing(register, lists, assert_passed):
    assert_passed(register.check("redaction"))
    assert_passed(lists.check("redaction"))


@pytest.mark.told_on_purpose(reason="the rule must find an adapter that leaks")
@pytest.mark.parametrize(
    ("tell", "words"),
    [
        (_log, "the field Resident.name is leaked by a log line"),
        (_log_extra, "the NIK of resident is leaked by a log line"),
        (_log_error, "the NIK of resident is leaked by a log line"),
        (_raise_secret, "the setting password is leaked by the question “list of resident”"),
    ],
)
def test_leaks_in_logs_and_errors(register, assert_broken, tell, words):
    assert_broken(register.check("redaction", _asking(register, tell)), words)


def test_an_answer_that_is_quoted(register, assert_broken):
    row = register.row("resident")

    async def ask(call, query, mark):
        try:
            return await row.ask(call, query, mark)
        except UpstreamMalformedError as error:
            answer = await call.up.send(HttpRequest("POST", "/dukcapil/get_json/GERBANG_BANJARMASIN/call_nik"))
            raise UpstreamMalformedError(f"{error.reason}: {answer.content[:200]!r}") from None

    finding = register.check("redaction", register.with_row("resident", ask=ask))
    assert_broken(finding, "the canary in a damaged answer is leaked by the question “list of resident”")
    assert CANARY not in finding.reason


def test_wire_records_with_personal_data_in_their_repr(register, assert_broken):
    row = register.row("resident")

    class Open:
        def __init__(self, wire):
            self.wire = wire

        def __repr__(self):
            return f"Open({self.wire.NIK})"

    async def ask(call, query, mark):
        batch = await row.ask(call, query, mark)
        return replace(batch, items=tuple(item if isinstance(item, Bad) else Open(item) for item in batch.items))

    spec = register.with_row(
        "resident", ask=ask, normalise=lambda w: row.normalise(w.wire), key=lambda w: row.key(w.wire)
    )
    assert_broken(register.check("redaction", spec), "the NIK of resident is leaked by the question")


def test_the_leak_detector_restores_the_root_logger():
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    with LeakDetector() as leak_detector:
        logging.getLogger("any.where").debug("heard")
    assert (root.level, list(root.handlers)) == before
    assert leak_detector.text_count == 1


@pytest.mark.told_on_purpose(reason="a line with unfit arguments must be collected as well")
def test_a_log_line_with_unfit_arguments_is_collected():
    logger = logging.getLogger("any.where")
    logger.propagate = False
    try:
        with LeakDetector() as leak_detector:
            leak_detector.emit(logger.makeRecord("any.where", logging.INFO, "", 0, "%d found", (CANARY, "of"), None))
        assert leak_detector.leaks({CANARY: "the canary"}) == ["the canary is leaked by a log line"]
    finally:
        logger.propagate = True
