"""The callers of a soak: residents and anonymous visitors, whose answers are all checked."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import aiohttp

from benchmarks.soak import checks
from benchmarks.soak.faults import FaultTimes
from benchmarks.soak.ledger import Ledger
from benchmarks.workloads import bearer

_LISTS: Final = tuple(checks.HELD_SECONDS)
_PERSONAL: Final = (
    "/v1/me/applications", "/v1/me/complaints", "/v1/me/proposals", "/v1/me/bills", "/v1/me/appointments",
    "/v1/me/enrolments", "/v1/me/cases",
)  # fmt: skip
_SEARCHES: Final = ("jalan", "kanari", "surat", "puskesmas", "lampu")
_KINDS: Final = {"list": 6, "not-modified": 6, "pages": 1, "search": 2, "personal": 6, "overview": 4}
"""The kinds of requests, and how often each is chosen."""
_PAUSE: Final = 0.05
_MOST_KEPT: Final = 50


@dataclass(slots=True)
class Findings:
    """What the callers saw. `wrong` are the first wrong answers, each a sentence; `wrong_answers` counts all."""

    answers: "Counter[str]" = field(default_factory=Counter)
    incomplete: int = 0
    not_modified: int = 0
    refused: int = 0
    unexplained: "Counter[str]" = field(default_factory=Counter)
    wrong_answers: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, kind: str, found: Iterator[str] | Sequence[str]) -> None:
        """Count an answer of this kind, and keep what is wrong with it."""
        sentences = list(found)
        self.answers[kind] += 1
        self.wrong_answers += bool(sentences)
        for sentence in sentences:
            if len(self.wrong) < _MOST_KEPT:
                self.wrong.append(f"{kind}: {sentence}")


@dataclass(frozen=True, slots=True)
class _Received:
    """One answer. `sent` and `at` are Unix times."""

    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: float
    at: float

    @property
    def content(self) -> dict[str, Any]:
        """The JSON body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(slots=True)
class Callers:
    """All callers. `tokens` are access tokens by account, and may be replaced while they run."""

    http: aiohttp.ClientSession
    address: str
    tokens: Mapping[str, str]
    ledger: Ledger
    faults: FaultTimes
    random: Random
    findings: Findings = field(default_factory=Findings)
    _tagged: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)

    async def run(self) -> None:
        """Ask again and again, until cancelled."""
        kinds, weights = list(_KINDS), list(_KINDS.values())
        while True:
            (kind,) = self.random.choices(kinds, weights)
            try:
                await self.ask(kind)
            except (aiohttp.ClientError, TimeoutError) as error:
                self.findings.add(kind, [f"no answer: {type(error).__name__}"])
            await asyncio.sleep(self.random.uniform(0, 2 * _PAUSE))

    async def ask(self, kind: str) -> None:
        """Send one request of a kind, or one for each page, and check the answer."""
        if kind in {"list", "not-modified"}:
            path, limit = self.random.choice(_LISTS), self.random.choice((1, 10, 50))
            await self._list(kind, path, f"{path}?limit={limit}")
        elif kind == "pages":
            await self._all_pages()
        elif kind == "search":
            await self._search(f"/v1/search?q={self.random.choice(_SEARCHES)}&limit=20")
        else:
            path = "/v1/me/overview" if kind == "overview" else f"{self.random.choice(_PERSONAL)}?limit=100"
            await self.ask_resident(kind, path, self.random.choice(list(self.tokens)))

    async def ask_resident(self, kind: str, path: str, account: str) -> None:
        """Ask for records of a resident, and check the answer."""
        got = await self._get(path, bearer(self.tokens[account]))
        answer = got.content
        found = list(checks.foreign_canaries(got.body, account))
        if got.status == 200:
            found += checks.personal(answer, account, got.at, self.ledger)
        else:
            found += checks.refusal(got.status, answer)
        self._note(kind, got, answer, found)

    async def _list(self, kind: str, path: str, target: str) -> None:
        tag, kept = self._tagged.get(target, ("", {})) if kind == "not-modified" else ("", {})
        got = await self._get(target, {"If-None-Match": tag} if tag else {})
        if got.status == 304:
            self.findings.not_modified += 1
            # What the caller shows now is what it kept: it must be true still.
            self.findings.add(kind, [] if kept else ["304 to a request without a tag"])
            if kept and path == "/v1/complaints":
                since = _fetched_at(got.headers["Gerbang-Sources"])
                untrue = checks.complaints(kept["items"], since, got.at, self.ledger, whole=False)
                self.findings.add("kept", untrue)
            return
        answer = got.content
        if got.status != 200:
            self._note(kind, got, answer, list(checks.refusal(got.status, answer)))
            return
        found = list(checks.public_records(answer))
        found += checks.public_list(path, answer, got.at)
        if path == "/v1/complaints":
            since = answer["sources"][0].get("fetched_at")
            if since:
                found += checks.complaints(answer["items"], since, got.at, self.ledger, whole=False)
        if "ETag" in got.headers:
            self._tagged[target] = (got.headers["ETag"], answer)
        self._note(kind, got, answer, found)

    async def _all_pages(self) -> None:
        """Read all pages of the complaints, and compare the whole list."""
        items: list[dict[str, Any]] = []
        cursor, since = "", ""
        while True:
            got = await self._get(f"/v1/complaints?limit=200{cursor}", {})
            answer = got.content
            if got.status != 200:
                self._note("pages", got, answer, list(checks.refusal(got.status, answer)))
                return
            found = [*checks.envelope(answer), *checks.public_records(answer)]
            items += answer["items"]
            since = since or answer["sources"][0].get("fetched_at") or ""
            if answer["next"] is None:
                break
            self._note("pages", got, answer, found)
            cursor = f"&cursor={answer['next']}"
        if since:
            whole = not answer["sources"][0].get("set_aside")
            found += checks.complaints(items, since, got.at, self.ledger, whole=whole)
        self._note("pages", got, answer, found)

    async def _search(self, target: str) -> None:
        got = await self._get(target, {})
        answer = got.content
        if got.status != 200:
            self._note("search", got, answer, list(checks.refusal(got.status, answer)))
            return
        found = list(checks.public_records(answer))
        found += checks.envelope(answer)
        for item in answer["items"]:
            since = item["provenance"]["fetched_at"]
            found += checks.complaints([item], since, got.at, self.ledger, whole=False)
        self._note("search", got, answer, found)

    def _note(self, kind: str, got: _Received, answer: Mapping[str, Any], found: list[str]) -> None:
        self.findings.add(kind, found)
        self.findings.refused += got.status != 200
        self.findings.incomplete += answer.get("complete") is False
        self.findings.unexplained.update(checks.unexplained(answer, got.sent, got.at, self.faults))

    async def _get(self, path: str, headers: Mapping[str, str]) -> _Received:
        sent = time.time()
        async with self.http.get(f"{self.address}{path}", headers=headers) as answer:
            body = await answer.read()
            return _Received(path, answer.status, answer.headers, body, sent, time.time())


def _fetched_at(sources: str) -> str:
    """The time of the first source in a `Gerbang-Sources` header."""
    return sources.partition('fetched_at="')[2].partition('"')[0]
