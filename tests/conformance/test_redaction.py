"""Adapters that tell what they must not, each caught by the rule of redaction."""

import logging
from dataclasses import replace

import pytest

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError
from adapters.upstream import HttpRequest
from conformance.leaks import CANARY, Watch

pytestmark = pytest.mark.xdist_group("conformance")


def _asking(shop, tell):
    row = shop.row("resident")

    async def ask(call, query, mark):
        batch = await row.ask(call, query, mark)
        tell(call, batch)
        return batch

    return shop.with_row("resident", ask=ask)


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


def test_a_sound_adapter_tells_nothing(register, lists, passed):
    passed(register.check("redaction"))
    passed(lists.check("redaction"))


@pytest.mark.told_on_purpose(reason="an adapter that tells is what the rule must find")
@pytest.mark.parametrize(
    ("tell", "words"),
    [
        (_log, "the field Resident.name is told by a log line"),
        (_log_extra, "the NIK of resident is told by a log line"),
        (_log_error, "the NIK of resident is told by a log line"),
        (_raise_secret, "the setting password is told by the question “resident asked”"),
    ],
)
def test_what_is_told_by_logs_and_errors(register, broken, tell, words):
    broken(register.check("redaction", _asking(register, tell)), words)


def test_an_answer_that_is_quoted(register, broken):
    row = register.row("resident")

    async def ask(call, query, mark):
        try:
            return await row.ask(call, query, mark)
        except UpstreamMalformedError as error:
            answer = await call.up.send(HttpRequest("POST", "/dukcapil/get_json/GERBANG_BANJARMASIN/call_nik"))
            raise UpstreamMalformedError(f"{error.reason}: {answer.content[:200]!r}") from None

    finding = register.check("redaction", register.with_row("resident", ask=ask))
    broken(finding, "the canary in a damaged answer is told by the question “resident asked”")
    assert CANARY not in finding.reason


def test_wire_records_that_show_themselves(register, broken):
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
    broken(register.check("redaction", spec), "the NIK of resident is told by the question")


def test_the_watch_leaves_the_logs_as_they_were():
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    with Watch() as watch:
        logging.getLogger("any.where").debug("heard")
    assert (root.level, list(root.handlers)) == before
    assert watch.heard == 1


@pytest.mark.told_on_purpose(reason="what is told by mistake is heard as well")
def test_a_line_whose_arguments_do_not_fit_is_heard_and_stops_nobody():
    logger = logging.getLogger("any.where")
    logger.propagate = False
    try:
        with Watch() as watch:
            watch.emit(logger.makeRecord("any.where", logging.INFO, "", 0, "%d found", (CANARY, "of"), None))
        assert watch.leaks({CANARY: "the canary"}) == ["the canary is told by a log line"]
    finally:
        logger.propagate = True
