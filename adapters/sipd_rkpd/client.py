"""Speaks to SIPD: an odd header, JSON in and out, and a success that has to be looked for in the log."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter

from adapters.contract import Absent, Bad, Batch, Call, Refused, Stored
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.legacy.envelopes import read_json, read_rows, read_value
from adapters.legacy.receipts import bears, mark
from adapters.legacy.statuses import refuse_status
from adapters.legacy.texts import refusal_text
from adapters.sipd_rkpd import codes
from adapters.sipd_rkpd.settings import Settings
from adapters.sipd_rkpd.wire import Daftar, Jawaban, Program, Usulan
from adapters.upstream import HttpRequest, HttpUpstream
from schemas.planning import ProposalQuery, SubmitProposal

OurCall = Call[Settings, HttpUpstream]
Body = Mapping[str, JsonValue]
W = TypeVar("W", bound=BaseModel)

STRETCH: Final = 100
OWN_STRETCH: Final = 20
_MARK: Final = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6})-([0-9a-f]{16})?)?")
_KEY: Final = re.compile(r"[0-9]{1,11}")
_STORED: Final = re.compile(r"\bOK\b.*\bid_usulan=([0-9]{1,11})\b")
_ERROR: Final = re.compile(r"\bERROR\b:?\s*(.*)", re.DOTALL)
_LONGEST_LINE: Final = 2_000
_SHRINKS: Final = 20
"""How often a list may get shorter while it is read; servers that disagree about its length would go on for ever."""
_ANSWER: Final = TypeAdapter(Jawaban)
_LIST: Final = TypeAdapter(Daftar)
_LINE: Final = TypeAdapter(Program)
_PROPOSAL: Final = TypeAdapter(Usulan)


async def probe(call: OurCall) -> None:
    """SIPD is there, and knows our token."""
    if await _asked(call, "cek_token", {}) is None:
        raise UpstreamMalformedError("the check of the token was answered by “not found”")


async def feed_plans(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Program]]:
    """The lines of all plans, in stretches."""
    async for batch in _stretches(call, "get_prog_keg", _LINE, mark, lambda w: w.place):
        yield batch


async def feed_proposals(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Usulan]]:
    """All proposals, without who made them, in stretches."""
    async for batch in _stretches(call, "get_usulan", _PROPOSAL, mark, lambda w: w.id_usulan):
        yield batch


async def ask(call: OurCall, _query: ProposalQuery, mark: str | None) -> Batch[Usulan]:
    """A stretch of the subject's own proposals; `mark` is where it starts."""
    if call.subject is None:
        raise QueryRefusedError("proposals are asked for by who made them")
    nik = call.subject.nik
    if nik is None:
        return Batch(())
    start = _Place.of(mark).start
    total, rows = await _rows(call, "get_usulan_saya", _PROPOSAL, start, OWN_STRETCH, {"nik": nik})
    end = start + len(rows)
    return Batch(tuple(_only_of(nik, row) for row in rows), next=str(end) if rows and end < total else None)


async def one(call: OurCall, key: str) -> Usulan | None:
    """One proposal; with its proposer, if that is the subject."""
    if not _KEY.fullmatch(key):
        return None
    nik = call.subject.nik if call.subject else None
    found = await _asked(call, "get_usulan_id", {"id_usulan": key, "nik": nik})
    if found is None:
        return None
    proposal = read_value(found.data, _PROPOSAL)
    if proposal.id_usulan != key:
        raise UpstreamMalformedError("another proposal came than was asked for")
    return proposal


async def submit(call: OurCall, fields: Body) -> Stored | Refused:
    """Push a proposal, and read in the log what became of it. Whatever is not its clear answer raises."""
    found = await _asked(call, "push_usulan", {"usulan": [dict(fields)]}, safe=False)
    if found is None or len(found.log) != 1:
        raise UpstreamMalformedError("the log does not say what became of the proposal")
    (line,) = found.log
    if len(line) > _LONGEST_LINE:
        raise UpstreamMalformedError("the log says more of one proposal than there is to say")
    error, stored = _ERROR.search(line), _STORED.search(line)
    if error is not None and stored is not None and stored.start() < error.start():
        raise UpstreamMalformedError("the log says that the proposal is stored, and that something went wrong")
    if error is not None:
        said = refusal_text(error[1])
        return Refused(codes.REFUSALS.get(codes.folded(said), "refused"), said)
    if stored is None:
        raise UpstreamMalformedError("the log says neither stored nor refused")
    return Stored(stored[1], stored[1])


async def look(call: OurCall, _command: SubmitProposal, code: str) -> Stored | Absent:
    """Look for the proposal that holds the receipt code, among those of its proposer."""
    nik = call.subject.nik if call.subject else None
    if not nik:
        raise QueryRefusedError("a proposal is looked up among those of its proposer")
    asked: Body = {"nik": nik, "teks": mark(code)}
    total, rows = await _rows(call, "get_usulan_saya", _PROPOSAL, 0, STRETCH, asked)
    for row in rows:
        if isinstance(row, Usulan) and bears(row.masalah, code):
            return Stored(row.id_usulan, row.id_usulan)
    if total > len(rows) or any(isinstance(row, Bad) for row in rows):
        raise UpstreamMalformedError("the list does not show whether the proposal is there")
    return Absent()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a list goes on: at which row, of how many there were, and after which one, by a digest of its key."""

    start: int = 0
    total: int = 0
    after: str = ""

    @classmethod
    def of(cls, mark: str | None) -> "_Place":
        """The place that a mark stands for; the beginning for what is no mark."""
        found = _MARK.fullmatch(mark or "")
        return cls(int(found[1]), int(found[2] or 0), found[3] or "") if found else cls()

    @property
    def mark(self) -> str:
        """The mark of this place."""
        return f"{self.start}-{self.total}-{self.after}"


async def _stretches(
    call: OurCall, service: str, shape: TypeAdapter[W], mark: str | None, key: Callable[[W], str]
) -> AsyncIterator[Batch[W]]:
    """A list in stretches.

    A row that is deleted meanwhile draws those behind it back: when there are fewer than there were, as many are read
    once more, and it goes on after the row that was told last.
    """
    place, again, shrunk = _Place.of(mark), 0, 0
    while True:
        total, rows = await _rows(call, service, shape, place.start, STRETCH, {})
        if total < place.total:
            shrunk += 1
            if shrunk > _SHRINKS:
                raise UpstreamMalformedError("the list gets shorter again and again while it is read")
            back = min(place.start, place.total - total)
            place, again = _Place(place.start - back, total, place.after), again + back
            continue
        keys = ["" if isinstance(row, Bad) else _digest(key(row)) for row in rows]
        # Only among those that are read again: a later line may have the key of an earlier one.
        told = keys[:again]
        following = rows[told.index(place.after) + 1 :] if place.after in told else rows
        end = place.start + len(rows)
        more = bool(rows) and end < total
        place = _Place(end, total, next((one for one in reversed(keys) if one), place.after))
        again = 0
        yield Batch(following, next=place.mark if more else None, whole=True)
        if not more:
            return


def _digest(key: str) -> str:
    return blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest()


async def _rows(
    call: OurCall, service: str, shape: TypeAdapter[W], start: int, limit: int, body: Body
) -> tuple[int, tuple[W | Bad, ...]]:
    """How many rows there are in all, and those of this stretch."""
    found = await _raw(call, service, {"start": start, "limit": limit, **body})
    if found is None:
        raise UpstreamMalformedError("a list was answered by “not found”")
    listed = read_value(found, _LIST)
    if len(listed.data) > limit or (not listed.data and start < listed.total):
        raise UpstreamMalformedError("the stretch is longer than was asked for, or is missing")
    return listed.total, read_rows(listed.data, shape)


def _only_of(nik: str, row: Usulan | Bad) -> Usulan | Bad:
    """The row, when it is the proposer's own; another's is not passed on."""
    if isinstance(row, Bad) or (row.pengusul is not None and (row.pengusul.nik or "").strip() == nik):
        return row
    return Bad("not a proposal of whom was asked for")


async def _asked(call: OurCall, service: str, body: Body, *, safe: bool = True) -> Jawaban | None:
    found = await _raw(call, service, body, safe=safe)
    return None if found is None else read_value(found, _ANSWER)


async def _raw(call: OurCall, service: str, body: Body, *, safe: bool = True) -> JsonValue:
    """A good answer, whole; None for “not found”. Raises the error of the tree that any other one stands for."""
    request = HttpRequest(
        "POST",
        f"/run/serv/{service}",
        query=(("kodepemda", call.settings.region),),
        # SIPD looks for the token here, and nowhere else.
        headers={
            "authentication": f"Bearer {call.settings.token.get_secret_value()}",
            "content-type": "application/json",
        },
        content=json.dumps(body).encode(),
        safe=safe,
    )
    answer = await call.up.send(request)
    refuse_status(answer, call.now)
    found = read_json(answer, _JSON)
    head = read_value(found, _ANSWER)
    if head.code == codes.NOT_FOUND:
        return None
    if head.code != codes.GOOD:
        raise _refusal(head.code)
    if safe and any(_ERROR.search(line) for line in head.log):
        raise UpstreamUnavailableError("SIPD says success, and its log holds errors")
    return found


def _refusal(code: int) -> AdapterError:
    """What a code means; its words are not passed on."""
    if code in codes.TOKEN_REFUSED:
        return CredentialsRefusedError("SIPD refuses our token")
    if 400 <= code < 500:
        return QueryRefusedError(f"SIPD refuses the question with code {code}")
    if 500 <= code < 600:
        return UpstreamUnavailableError(f"SIPD answers code {code}")
    return UpstreamMalformedError("the answer has a code that the interface does not know")


_JSON: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)
