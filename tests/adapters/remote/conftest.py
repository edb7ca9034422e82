"""A remote adapter that answers whatever a test wants, honestly signed unless the test spoils that too."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import AdapterSpec, Call, Reads, Subject, Transport
from adapters.remote import spec_of
from adapters.remote.grant import AdapterGrant
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.pbb.adapter.protocol import Answer, Handler, Nonces, Protocol, Question
from simulators.pbb.adapter.service import AdapterServer

KEY_ID = "gerbang-2026"
SECRET = "a secret of the tests, forty characters.."
NIK = "6371994502900011"
Spoil = Callable[[Question, Answer], Answer]

GRANTED: dict[str, Any] = {
    "agency": "bpkpad",
    "title": {"id": "Uji", "en": "Test"},
    "version": "1",
    "contact": "Uji",
    "limits": {"concurrent": 8, "slowest_seconds": 2, "max_items": 50},
    "needs": ["nik"],
    "reads": [
        {"resource": "bill", "way": "ask", "pushes": ["year", "status"], "one": True, "max_bytes": 100_000},
        {"resource": "application", "way": "ask", "one": True, "content": True},
        {"resource": "service", "way": "feed", "fresh_seconds": 600, "keep_seconds": 6000},
    ],
    "writes": [{"name": "submit-application", "idempotent": False, "settle_seconds": 0, "look": True}],
}
"""What these tests grant; the adapter says the same of itself."""


def granted(**changed: Any) -> AdapterGrant:
    return AdapterGrant.model_validate_json(json.dumps({**GRANTED, **changed}))


def bill(year: int = 2026, /, nik: str = NIK, **changed: Any) -> dict[str, Any]:
    """An item that is right in every way, but for what is changed in its body."""
    body = {
        "kind": {"scheme": "bill-kind", "code": "land-and-building-tax", "text": {"id": "PBB", "en": "Land tax"}},
        "object": {"number": "637101000100000010"},
        "period": {"start": str(year), "end": str(year)},
        "amount": {"amount": "85500.00", "currency": "IDR"},
        "due_on": f"{year}-12-31",
        "status": "unpaid",
        "payer": {"name": "GALUH", "identifiers": [{"scheme": "nik", "value": nik, "exact": True}]},
    }
    return {"key": f"63710100-{year}", "body": {**body, **changed}, "doubts": []}


@dataclass
class Rogue:
    """A running remote adapter. `routes` may be changed at any time; `spoil` has the last word on every answer."""

    folder: Path
    routes: dict[tuple[str, str], Handler] = field(default_factory=dict)
    spoil: Spoil = lambda _question, answer: answer
    asked: list[Question] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.protocol = Protocol({KEY_ID: SECRET}, Nonces(self.folder / "nonces.sqlite"), self.routes, time.time)

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        return self.spoil(question, self.protocol.answer(question))

    def answers(self, *items: Any, **page: Any) -> None:
        """Every question for bills gets this page."""
        self.routes["POST", "/reads/bill/ask"] = lambda _message: {"items": list(items), **page}


@contextmanager
def serving(rogue: Rogue) -> Iterator[Rogue]:
    server = AdapterServer(rogue)  # type: ignore[arg-type]  # it only wants something that answers
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    rogue.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield rogue
    finally:
        server.shutdown()
        server.server_close()
        rogue.protocol.close()


@dataclass
class Gate:
    """The gateway's side, over the real upstream stack."""

    spec: AdapterSpec[Any]
    rogue: Rogue
    upstreams: Upstreams

    def row(self, resource: str = "bill") -> Reads[Any, Any, Any, Any, Any]:
        return next(row for row in self.spec.reads if row.resource.name == resource)

    def call(
        self, transport: Transport[Any, Any] | None = None, nik: str | None = NIK, within: float = 5.0, **changed: str
    ) -> Call[Any, Any]:
        given = {"base_url": self.rogue.url, "keyid": KEY_ID, "secret": SECRET, **changed}
        return self.upstreams.call(
            self.spec,
            None,
            self.spec.settings.model_validate(given),
            transport or self.row().transport,
            deadline=Deadline.after(timedelta(seconds=within)),
            subject=None if nik is None else Subject(nik=nik),
        )

    async def bills(self, mark: str | None = None, **changed: Any) -> Any:
        """One page of bills."""
        row = self.row()
        assert row.ask is not None
        return await row.ask(self.call(**changed), row.resource.query(), mark)


@pytest.fixture
def rogue(tmp_path: Path, sockets: None) -> Iterator[Rogue]:
    with serving(Rogue(tmp_path)) as running:
        yield running


@pytest.fixture
async def gate(rogue: Rogue) -> Any:
    upstreams = Upstreams(MemoryShared(clock=now), now)
    yield Gate(spec_of("uji", granted()), rogue, upstreams)
    await upstreams.aclose()
