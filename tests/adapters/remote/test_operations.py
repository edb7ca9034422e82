"""Every operation of the protocol, over the real upstream stack, answered as a right adapter answers."""

import base64
import importlib
import json
import pkgutil
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

import schemas
from adapters.contract import Absent, Bad, Batch, Content, Pending, Refused, Stored, Subject
from adapters.errors import NotSentError, UpstreamMalformedError
from adapters.remote import UnknownNounError, spec_of
from adapters.remote.commands import COMMANDS
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered, Outcome, OutcomeUnknown, Rejected
from schemas.application import SubmitApplication
from schemas.bill import BillQuery, BillStatus
from schemas.catalogue import RESOURCES
from schemas.dates import Period
from schemas.facility import FacilityQuery
from schemas.resources import Resource
from simulators.pbb.adapter.protocol import Answer, Question
from tests.adapters.remote.conftest import GRANTED, NIK, Gate, Rogue, bill, granted

pytestmark = pytest.mark.anyio

COMMAND = SubmitApplication(kind="domisili", region="63.71.01.1001", text="Uji")


async def no_sleep(_seconds: float) -> None:
    """Nobody waits for a system that is a test."""


def sent(rogue: Rogue) -> Any:
    return json.loads(rogue.asked[-1].content)


async def test_a_question_names_its_subject_and_the_filters_that_are_pushed(gate: Gate, rogue: Rogue) -> None:
    rogue.answers(bill(), as_of="2026-11-24T08:00:00+08:00", next="m2")
    row = gate.row()
    assert row.ask is not None
    batch = await row.ask(gate.call(), BillQuery(year=2026, status=BillStatus.UNPAID), "m1")
    assert sent(rogue) == {
        "subject": {"nik": NIK, "kk": None, "phone": None},
        "query": {"year": 2026, "status": "unpaid"},
        "mark": "m1",
    }
    assert batch.next == "m2"
    assert batch.as_of == datetime(2026, 11, 24, tzinfo=UTC)
    (item,) = batch.items
    assert row.key(item) == "63710100-2026"
    assert row.normalise(item).body.payer.name == "GALUH"


@pytest.mark.parametrize(
    ("region", "passed_on"),
    [
        ("63.71.01.1001", {"region": "63.71.01.1001"}),
        ("63.71.01", {}),
        ("63.71", {}),
        ("63.71.99.9999", {}),
        (None, {}),
    ],
)
async def test_of_regions_only_a_kelurahan_is_passed_on(
    gate: Gate, rogue: Rogue, region: str | None, passed_on: dict[str, str]
) -> None:
    """An adapter that compares codes would find nothing in a kecamatan; the gateway filters in any case."""
    rogue.routes["POST", "/reads/facility/ask"] = lambda _message: {"items": []}
    row = spec_of("uji", granted(reads=[{"resource": "facility", "way": "ask", "pushes": ["region"]}])).reads[0]
    assert row.ask is not None
    await row.ask(gate.call(row.transport, nik=None), FacilityQuery(region=region), None)
    assert sent(rogue)["query"] == passed_on


async def test_one_record(gate: Gate, rogue: Rogue) -> None:
    row = gate.row()
    assert row.one is not None
    rogue.routes["POST", "/reads/bill/one"] = lambda message: {
        "item": bill() if message["key"] == "63710100-2026" else None
    }
    item = await row.one(gate.call(), "63710100-2026")
    assert row.normalise(item).body.period == Period.year(2026)
    assert await row.one(gate.call(), "63710100-1999") is None
    asked = len(rogue.asked)
    for odd in ("", "\x00", "a" * 501):
        assert await row.one(gate.call(), odd) is None
    assert len(rogue.asked) == asked


async def test_another_record_than_was_asked_for_is_malformed(gate: Gate, rogue: Rogue) -> None:
    row = gate.row()
    assert row.one is not None
    for other in (bill(2025), bill(nik="6371992311850027")):
        rogue.routes["POST", "/reads/bill/one"] = lambda _message, other=other: {"item": other}
        with pytest.raises(UpstreamMalformedError):
            await row.one(gate.call(), "63710100-2026")


async def test_who_is_asked_about_by_another_number_is_not_compared_by_nik(gate: Gate, rogue: Rogue) -> None:
    rogue.answers(bill())
    row = gate.row()
    assert row.ask is not None
    for subject, kept in ((Subject(kk="6371991708170011"), True), (Subject(nik="6371992311850027"), False)):
        batch = await row.ask(replace(gate.call(), subject=subject), BillQuery(), None)
        assert isinstance(batch.items[0], Bad) is not kept


async def _fed(gate: Gate, mark: str | None = None) -> list[Batch[Any]]:
    row = gate.row("service")
    assert row.feed is not None
    async with aclosing(row.feed(gate.call(nik=None), mark)) as feed:
        return [batch async for batch in feed]


async def test_a_feed_goes_on_from_mark_to_mark(gate: Gate, rogue: Rogue) -> None:
    parts = {None: ("a", "2"), "2": ("b", "3"), "3": ("c", None)}

    def part(message: dict[str, Any]) -> dict[str, Any]:
        key, mark = parts[message["mark"]]
        return {"items": [{"key": key, "body": {}, "doubts": []}], "next": mark, "whole": mark is None}

    rogue.routes["POST", "/reads/service/feed"] = part
    whole = await _fed(gate)
    assert [batch.items[0].key for batch in whole] == ["a", "b", "c"]
    assert [batch.whole for batch in whole] == [False, False, True]
    assert [batch.items[0].key for batch in await _fed(gate, "2")] == ["b", "c"]
    rogue.routes["POST", "/reads/service/feed"] = lambda _message: {"items": [], "next": "2"}
    with pytest.raises(UpstreamMalformedError, match="repeats a mark"):
        await _fed(gate)


async def test_a_document(gate: Gate, rogue: Rogue) -> None:
    row = gate.row("application")
    assert row.content is not None
    document = {
        "content": base64.b64encode(b"%PDF-1.7").decode(),
        "media_type": "application/pdf",
        "filename": "surat.pdf",
    }
    rogue.routes["POST", "/reads/application/content"] = lambda message: {
        "document": document if message["document"] == "surat-17" else None
    }
    assert await row.content(gate.call(), "7", "surat-17") == Content(b"%PDF-1.7", "application/pdf", "surat.pdf")
    assert sent(rogue) == {"key": "7", "document": "surat-17", "subject": {"nik": NIK, "kk": None, "phone": None}}
    assert await row.content(gate.call(), "7", "0") is None
    asked = len(rogue.asked)
    for odd in ("", "\x00", "a" * 501):
        assert await row.content(gate.call(), "7", odd) is None
        assert await row.content(gate.call(), odd, "surat-17") is None
    assert len(rogue.asked) == asked
    for wrong in ({"content": "%PDF"}, {"filename": "../../etc/passwd"}, {"media_type": "text/html; charset=x"}):
        broken = {"document": {**document, **wrong}}
        rogue.routes["POST", "/reads/application/content"] = lambda _message, broken=broken: broken
        with pytest.raises(UpstreamMalformedError):
            await row.content(gate.call(), "7", "surat-17")


async def test_a_write_is_sent_and_looked_up(gate: Gate, rogue: Rogue) -> None:
    (write,) = gate.spec.writes
    assert write.look is not None
    rogue.routes["POST", "/writes/submit-application/send"] = lambda message: {
        "outcome": "stored",
        "key": "7",
        "reference": message["code"],
    }
    rogue.routes["POST", "/writes/submit-application/look"] = lambda _message: {"outcome": "absent"}
    assert await write.send(gate.call(write.transport), COMMAND, "GB-1") == Stored("7", "GB-1")
    assert sent(rogue)["command"]["kind"] == "domisili"
    assert await write.look(gate.call(write.transport), COMMAND, "GB-1") == Absent()
    refusal = {"outcome": "refused", "code": "service-unknown", "reason": "Layanan tidak ada"}
    rogue.routes["POST", "/writes/submit-application/send"] = lambda _message: refusal
    refused = await write.send(gate.call(write.transport), COMMAND, "GB-2")
    assert refused == Refused("service-unknown", "Layanan tidak ada")
    # Each outcome belongs to its question: a send cannot be "absent"; and there are no others.
    rogue.routes["POST", "/writes/submit-application/send"] = lambda _message: {"outcome": "absent"}
    rogue.routes["POST", "/writes/submit-application/look"] = lambda _message: {"outcome": "perhaps"}
    with pytest.raises(UpstreamMalformedError):
        await write.send(gate.call(write.transport), COMMAND, "GB-3")
    with pytest.raises(UpstreamMalformedError):
        await write.look(gate.call(write.transport), COMMAND, "GB-3")


REFUSAL = {"outcome": "refused", "code": "service-unknown", "reason": "Layanan tidak ada"}


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        ({"outcome": "stored", "key": "7"}, Delivered("7", looked_up=True)),
        (REFUSAL, Rejected("service-unknown", "Layanan tidak ada")),
        ({"outcome": "pending"}, OutcomeUnknown("the system reports the outcome later")),
    ],
    ids=["stored later", "refused later", "never decided"],
)
async def test_a_write_that_is_decided_later_is_looked_up_and_not_sent_again(
    gate: Gate, rogue: Rogue, later: dict[str, Any], outcome: Outcome
) -> None:
    (write,) = gate.spec.writes
    answers = iter([{"outcome": "pending"}])
    rogue.routes["POST", "/writes/submit-application/send"] = lambda _message: {"outcome": "pending"}
    rogue.routes["POST", "/writes/submit-application/look"] = lambda _message: next(answers, later)
    assert await write.send(gate.call(write.transport), COMMAND, "GB-6") == Pending()
    rogue.asked.clear()
    said = await carry_out(write, lambda: gate.call(write.transport), COMMAND, "GB-7", sleep=no_sleep)
    assert said == outcome
    assert [question.path.rpartition("/")[2] for question in rogue.asked].count("send") == 1


async def test_a_write_that_found_nobody_is_known_to_be_unsent(gate: Gate, rogue: Rogue) -> None:
    (write,) = gate.spec.writes
    with pytest.raises(NotSentError):
        await write.send(gate.call(write.transport, base_url="http://127.0.0.1:9"), COMMAND, "GB-4")
    assert rogue.asked == []


async def test_a_write_whose_answer_is_lost_is_looked_up_and_stored_once(gate: Gate, rogue: Rogue) -> None:
    (write,) = gate.spec.writes
    ledger: list[str] = []

    def send(message: dict[str, Any]) -> dict[str, Any]:
        ledger.append(message["code"])
        return {"outcome": "stored", "key": "7"}

    def look(message: dict[str, Any]) -> dict[str, Any]:
        known = message["code"] in ledger
        return {"outcome": "stored", "key": "7"} if known else {"outcome": "absent"}

    def lose_the_first(_question: Question, answer: Answer) -> Answer:
        if len(rogue.asked) == 1:
            raise ConnectionAbortedError
        return answer

    rogue.routes["POST", "/writes/submit-application/send"] = send
    rogue.routes["POST", "/writes/submit-application/look"] = look
    rogue.spoil = lose_the_first
    outcome = await carry_out(write, lambda: gate.call(write.transport), COMMAND, "GB-5")
    assert outcome == Delivered("7", looked_up=True)
    assert ledger == ["GB-5"]


async def test_the_probe_compares_what_the_adapter_says_with_what_was_granted(gate: Gate, rogue: Rogue) -> None:
    said = {**GRANTED, "protocol": "1", "id": "uji", "new-member": 1}
    rogue.routes["GET", "/probe"] = lambda _message: {"ready": True}
    rogue.routes["GET", "/adapter"] = lambda _message: said
    await gate.spec.probe(gate.call(gate.spec.probe_transport, nik=None))
    changes: dict[str, Any] = {
        "agency": "disdukcapil",
        "version": "2",
        "needs": ["nik", "kk"],
        "limits": {**GRANTED["limits"], "concurrent": 9},
        "reads": GRANTED["reads"][:2],
        "writes": [],
        "id": "pbb",
    }
    for name, value in changes.items():
        said = {**GRANTED, "protocol": "1", "id": "uji", name: value}
        with pytest.raises(UpstreamMalformedError, match=f"differs from the grant: {name}$"):
            await gate.spec.probe(gate.call(gate.spec.probe_transport, nik=None))
    said = {**GRANTED, "protocol": "2", "id": "uji"}
    with pytest.raises(UpstreamMalformedError):
        await gate.spec.probe(gate.call(gate.spec.probe_transport, nik=None))


async def test_what_the_adapter_could_not_read_is_counted(gate: Gate, rogue: Rogue) -> None:
    rogue.answers(bill(), {"bad": "no-owner"}, {"bad": f"NIK {NIK}"}, {"bad": 7}, {"key": "", "body": {}}, 5, None)
    batch = await gate.bills()
    good, *bad = batch.items
    assert not isinstance(good, Bad)
    assert all(isinstance(item, Bad) for item in bad)
    assert bad[0] == Bad("no-owner")
    assert NIK not in repr(bad)


def test_a_grant_names_only_what_there_is() -> None:
    for wrong in (
        {"reads": [{"resource": "bills", "way": "ask"}]},
        {"reads": [{"resource": "bill", "way": "ask", "pushes": ["nik"]}]},
        {"writes": [{"name": "pay", "idempotent": True, "settle_seconds": 0, "look": False}]},
    ):
        with pytest.raises(UnknownNounError):
            spec_of("uji", granted(**wrong))


def test_every_noun_and_every_command_can_be_spoken_of() -> None:
    modules = [importlib.import_module(f"schemas.{found.name}") for found in pkgutil.iter_modules(schemas.__path__)]
    values = [value for module in modules for value in vars(module).values()]
    assert {value.name for value in values if isinstance(value, Resource)} == set(RESOURCES)
    commands = {
        value
        for value in values
        if isinstance(value, type) and issubclass(value, BaseModel) and (value.__doc__ or "").startswith("The command")
    }
    assert commands == set(COMMANDS.values())
