"""Residents' records carry canaries, and no answer ever holds another resident's canary, nor lacks its own silently.

A hundred residents ask at the same time over the same few connections, in pipelines, so that one connection carries
the questions of many, and many connections the same question (it is shared). Public lists stand between them, which
are answered from ready bytes. Meanwhile the signing key is rotated twice, and tokens of all keys are used.
"""

import asyncio
import itertools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import httptools
import pytest

from simulators.people import DEMONSTRATION, population
from tests.e2e.conftest import HANG_SECONDS, Demo, run_gerbang
from tests.e2e.test_sessions import give_accounts
from tests.loops import volume

RESIDENTS = 100
READS = volume(1_500, long=10_000)
CONNECTIONS = 6
AT_ONCE = 6
"""Residents whose questions are asked together, on each connection in another order."""
PERSONAL = {
    "/v1/me/cases": {"e-kelurahan", "lapor", "sipd-rkpd"},
    "/v1/me/complaints": {"lapor"},
    "/v1/me/applications": {"e-kelurahan"},
    "/v1/me/overview": {"e-kelurahan", "lapor", "sipd-rkpd"},
}
PUBLIC = ("/v1/complaints?limit=20", "/v1/services?limit=5")
CANARY = re.compile(r"kenari (\d+) ([a-z-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Read:
    """One request. `resident`: whose records it asks for; None for a public list."""

    path: str
    resident: int | None = None


@pytest.fixture(scope="module")
def niks(demo: Demo) -> list[str]:
    """A hundred residents, with one application, one secret complaint and one proposal each."""
    demo.whole()
    people = [one.nik for one in population() if one.nik and one not in DEMONSTRATION.values()]
    chosen = people[-RESIDENTS:]
    simulators = demo.simulators()
    for number, nik in enumerate(chosen):
        simulators["e-kelurahan"].add(kind="permohonan", nik=nik, keperluan=f"Kenari {number} e-kelurahan")
        simulators["lapor"].add(kind="report", nik=nik, isi=f"Kenari {number} lapor", rahasia="1")
        simulators["sipd-rkpd"].add(kind="usulan", nik=nik, masalah=f"Kenari {number} sipd-rkpd")
    return chosen


class Connection(asyncio.Protocol):
    """A kept connection over which requests are sent in pipelines."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._answers: asyncio.Queue[tuple[int, bytes] | None] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._answers.put_nowait((self._parser.get_status_code(), self._body))
        self._body = b""

    def connection_lost(self, exc: Exception | None) -> None:
        self._answers.put_nowait(None)

    async def ask(self, requests: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Send all requests at once; return status and body of each answer, in order; fewer if the server closed it."""
        self._transport.write(b"".join(requests))
        found: list[tuple[int, bytes]] = []
        while len(found) < len(requests) and (answer := await self._answers.get()) is not None:
            found.append(answer)
        return found

    def close(self) -> None:
        self._transport.abort()


class KeptConnection:
    """A connection to the gateway that is made anew when the gateway has closed it, as it may between requests."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._current: Connection | None = None

    async def ask(self, requests: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Send all requests in a pipeline; return the answers in order."""
        found: list[tuple[int, bytes]] = []
        while len(found) < len(requests):
            if self._current is None:
                loop = asyncio.get_running_loop()
                _, self._current = await loop.create_connection(Connection, "127.0.0.1", self._port)
            left = requests[len(found) :]
            answers = await self._current.ask(left)
            found += answers
            if len(answers) < len(left):
                self._current = None
        return found

    def close(self) -> None:
        """Close the connection."""
        if self._current is not None:
            self._current.close()


def plan(random: Random, reads: int) -> Iterable[list[list[Read]]]:
    """Rounds of reads: the same ones for each connection, in another order each."""
    for _ in range(max(1, reads // (CONNECTIONS * (AT_ONCE + len(PUBLIC))))):
        path = random.choice(list(PERSONAL))
        personal = [Read(path, number) for number in random.sample(range(RESIDENTS), AT_ONCE)]
        every = [*personal, *map(Read, PUBLIC)]
        yield [random.sample(every, len(every)) for _ in range(CONNECTIONS)]


def request(read: Read, tokens: Sequence[str]) -> bytes:
    lines = [f"GET {read.path} HTTP/1.1", "Host: localhost"]
    if read.resident is not None:
        lines.append(f"Authorization: Bearer {tokens[read.resident]}")
    return "\r\n".join((*lines, "", "")).encode()


def wrong(read: Read, status: int, body: bytes) -> str | None:
    """What is wrong with an answer; None if nothing is."""
    if status != 200:
        return f"{read.path}: status {status}, {body[:200]!r}"
    answer = json.loads(body)
    found = set(CANARY.findall(body.decode()))
    if read.resident is None:
        return f"{read.path}: {found}" if found else None
    own = {(str(read.resident), system) for system in PERSONAL[read.path]}
    said = {source["system"] for source in answer["sources"] if source["state"] == "failed"}
    if found - own:
        return f"{read.path}: {read.resident} got {found - own}"
    missing = {system for _, system in own - found}
    if missing - said or (said and answer["complete"]):
        return f"{read.path}: {read.resident} lacks {missing}, and {said} failed"
    return None


async def read_all(demo: Demo, names: Sequence[str]) -> tuple[int, list[str]]:
    """Send all reads; return their number, and what was wrong. The key is rotated after each third of them."""
    random, count = Random(11), 0
    tokens, problems = await asyncio.to_thread(demo.mint, names), list[str]()
    rounds = list(plan(random, READS))
    rotate_at = {len(rounds) // 3, 2 * len(rounds) // 3}
    rotating: asyncio.Future[Any] | None = None
    connections = [KeptConnection(demo.port) for _ in range(CONNECTIONS)]
    try:
        for number, round_ in enumerate(rounds):
            if number in rotate_at:
                rotating = asyncio.ensure_future(asyncio.to_thread(run_gerbang, demo.home, "keys", "rotate", "--now"))
            if rotating is not None and rotating.done():
                assert rotating.result().returncode == 0
                rotating = None
                # Half of the residents go on with a token of the old key.
                fresh = await asyncio.to_thread(demo.mint, names)
                tokens = [random.choice(pair) for pair in zip(tokens, fresh, strict=True)]
            asked = [[request(read, tokens) for read in reads] for reads in round_]
            async with asyncio.timeout(HANG_SECONDS):
                answers = await asyncio.gather(*map(KeptConnection.ask, connections, asked))
            for read, (status, body) in zip(itertools.chain(*round_), itertools.chain(*answers), strict=True):
                count += 1
                problems += filter(None, [wrong(read, status, body)])
        if rotating is not None:
            await rotating
    finally:
        for connection in connections:
            connection.close()
    return count, problems


def test_no_answer_holds_the_records_of_another(demo: Demo, niks: list[str]) -> None:
    names = asyncio.run(give_accounts(demo, niks, "kenari"))
    count, problems = asyncio.run(read_all(demo, names))
    assert problems == []
    assert count >= 0.9 * READS


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, {"complete": True, "sources": [], "items": ["Kenari 4 lapor"]}),
        (200, {"complete": True, "sources": [], "items": []}),
        (200, {"complete": True, "sources": [{"system": "lapor", "state": "failed"}], "items": []}),
        (200, {"complete": True, "sources": [], "items": ["Kenari 3 lapor", "Kenari 4 lapor"]}),
        (401, {}),
    ],
)
def test_a_wrong_answer_is_seen(status: int, answer: dict[str, Any]) -> None:
    assert wrong(Read("/v1/me/complaints", 3), status, json.dumps(answer).encode())


def test_a_right_answer_is_not_called_wrong() -> None:
    failed = {"system": "lapor", "state": "failed"}
    whole = {"complete": True, "sources": [], "items": ["Kenari 3 lapor"]}
    partial = {"complete": False, "sources": [failed], "items": []}
    for answer in (whole, partial):
        assert wrong(Read("/v1/me/complaints", 3), 200, json.dumps(answer).encode()) is None
