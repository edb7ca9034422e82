"""Client of SIPD: JSON by POST with the token in the header `authentication`, and outcomes in the log of an answer."""

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
from adapters.legacy.receipts import ends_with_code, mark
from adapters.legacy.statuses import raise_for_status
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
"""How often a list may get shorter while it is read; without a limit, inconsistent totals would cause a loop."""
_ANSWER: Final = TypeAdapter(Jawaban)
_LIST: Final = TypeAdapter(Daftar)
_LINE: Final = TypeAdapter(Program)
_PROPOSAL: Final = TypeAdapter(Usulan)


async def probe(call: OurCall) -> None:
    """Check that SIPD is available and accepts our token."""
    if await _asked(call, "cek_token", {}) is None:
        raise UpstreamMalformedError("the answer to the check of the token is “not found”")


async def feed_plans(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Program]]:
    """Yield the lines of all plans, page by page."""
    async for batch in _stretches(call, "get_prog_keg", _LINE, mark, lambda w: w.place):
        yield batch


async def feed_proposals(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Usulan]]:
    """Yield all proposals, without their proposers, page by page."""
    async for batch in _stretches(call, "get_usulan", _PROPOSAL, mark, lambda w: w.id_usulan):
        yield batch


async def ask(call: OurCall, _query: ProposalQuery, mark: str | None) -> Batch[Usulan]:
    """Return one page of the subject's own proposals; `mark` is its offset."""
    if call.subject is None:
        raise QueryRefusedError("a query for proposals needs their proposer")
    nik = call.subject.nik
    if nik is None:
        return Batch(())
    start = _Place.of(mark).start
    total, rows = await _rows(call, "get_usulan_saya", _PROPOSAL, start, OWN_STRETCH, {"nik": nik})
    end = start + len(rows)
    return Batch(tuple(_only_of(nik, row) for row in rows), next=str(end) if rows and end < total else None)


async def one(call: OurCall, key: str) -> Usulan | None:
    """Return one proposal; with its proposer, if that is the subject."""
    if not _KEY.fullmatch(key):
        return None
    nik = call.subject.nik if call.subject else None
    found = await _asked(call, "get_usulan_id", {"id_usulan": key, "nik": nik})
    if found is None:
        return None
    proposal = read_value(found.data, _PROPOSAL)
    if proposal.id_usulan != key:
        raise UpstreamMalformedError("the answer is another proposal than the requested one")
    return proposal


async def submit(call: OurCall, fields: Body) -> Stored | Refused:
    """Push a proposal, and read its outcome in the log.

    Any answer but a clear one raises; it is then unknown whether the proposal was stored.
    """
    found = await _asked(call, "push_usulan", {"usulan": [dict(fields)]}, safe=False)
    if found is None or len(found.log) != 1:
        raise UpstreamMalformedError("the log does not contain exactly one line for the proposal")
    (line,) = found.log
    if len(line) > _LONGEST_LINE:
        raise UpstreamMalformedError("the log line of the proposal is too long")
    error, stored = _ERROR.search(line), _STORED.search(line)
    if error is not None and stored is not None and stored.start() < error.start():
        raise UpstreamMalformedError("the log reports the proposal as stored, and an error after it")
    if error is not None:
        reason = refusal_text(error[1])
        return Refused(codes.REFUSALS.get(codes.folded(reason), "refused"), reason)
    if stored is None:
        raise UpstreamMalformedError("the log reports the proposal as neither stored nor refused")
    return Stored(stored[1], stored[1])


async def look(call: OurCall, _command: SubmitProposal, code: str) -> Stored | Absent:
    """Find the proposal that ends with the receipt code, among those of its proposer."""
    nik = call.subject.nik if call.subject else None
    if not nik:
        raise QueryRefusedError("the look-up of a proposal needs its proposer")
    asked: Body = {"nik": nik, "teks": mark(code)}
    total, rows = await _rows(call, "get_usulan_saya", _PROPOSAL, 0, STRETCH, asked)
    for row in rows:
        if isinstance(row, Usulan) and ends_with_code(row.masalah, code):
            return Stored(row.id_usulan, row.id_usulan)
    if total > len(rows) or any(isinstance(row, Bad) for row in rows):
        raise UpstreamMalformedError("the list does not show whether the proposal exists")
    return Absent()


@dataclass(frozen=True, slots=True)
class _Place:
    """A position in a list: the offset, the total at that time, and a digest of the key of the row before."""

    start: int = 0
    total: int = 0
    after: str = ""

    @classmethod
    def of(cls, mark: str | None) -> "_Place":
        """Parse a mark; an invalid one is the beginning."""
        found = _MARK.fullmatch(mark or "")
        return cls(int(found[1]), int(found[2] or 0), found[3] or "") if found else cls()

    @property
    def mark(self) -> str:
        """The mark of this position."""
        return f"{self.start}-{self.total}-{self.after}"


async def _stretches(
    call: OurCall, service: str, shape: TypeAdapter[W], mark: str | None, key: Callable[[W], str]
) -> AsyncIterator[Batch[W]]:
    """Yield a list page by page.

    A row that is deleted meanwhile shifts the rows behind it back. So when the total shrinks, as many rows are read
    again, and the batch starts after the last row that was already returned.
    """
    place, again, shrunk = _Place.of(mark), 0, 0
    while True:
        total, rows = await _rows(call, service, shape, place.start, STRETCH, {})
        if total < place.total:
            shrunk += 1
            if shrunk > _SHRINKS:
                raise UpstreamMalformedError("the list shrinks too often while it is read")
            back = min(place.start, place.total - total)
            place, again = _Place(place.start - back, total, place.after), again + back
            continue
        keys = ["" if isinstance(row, Bad) else _digest(key(row)) for row in rows]
        # Only among the rows that are read again: a later row may have the key of an earlier one.
        repeated = keys[:again]
        following = rows[repeated.index(place.after) + 1 :] if place.after in repeated else rows
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
    """Return the total number of rows, and the rows of this page."""
    found = await _raw(call, service, {"start": start, "limit": limit, **body})
    if found is None:
        raise UpstreamMalformedError("the answer to a request for a list is “not found”")
    listed = read_value(found, _LIST)
    if len(listed.data) > limit or (not listed.data and start < listed.total):
        raise UpstreamMalformedError("the page is longer than requested, or empty before the end")
    return listed.total, read_rows(listed.data, shape)


def _only_of(nik: str, row: Usulan | Bad) -> Usulan | Bad:
    """Return the row if the subject is its proposer; otherwise `Bad`."""
    if isinstance(row, Bad) or (row.pengusul is not None and (row.pengusul.nik or "").strip() == nik):
        return row
    return Bad("not a proposal of the subject")


async def _asked(call: OurCall, service: str, body: Body, *, safe: bool = True) -> Jawaban | None:
    found = await _raw(call, service, body, safe=safe)
    return None if found is None else read_value(found, _ANSWER)


async def _raw(call: OurCall, service: str, body: Body, *, safe: bool = True) -> JsonValue:
    """Return the whole body of a successful answer; None for "not found". Raises the error for any other answer."""
    request = HttpRequest(
        "POST",
        f"/run/serv/{service}",
        query=(("kodepemda", call.settings.region),),
        # SIPD reads the token from this header only.
        headers={
            "authentication": f"Bearer {call.settings.token.get_secret_value()}",
            "content-type": "application/json",
        },
        content=json.dumps(body).encode(),
        safe=safe,
    )
    answer = await call.up.send(request)
    raise_for_status(answer, call.now)
    found = read_json(answer, _JSON)
    head = read_value(found, _ANSWER)
    if head.code == codes.NOT_FOUND:
        return None
    if head.code != codes.GOOD:
        raise _refusal(head.code)
    if safe and any(_ERROR.search(line) for line in head.log):
        raise UpstreamUnavailableError("SIPD reports success, but its log contains errors")
    return found


def _refusal(code: int) -> AdapterError:
    """Return the error for a code. SIPD's own text is not passed on."""
    if code in codes.TOKEN_REFUSED:
        return CredentialsRefusedError("SIPD refuses our token")
    if 400 <= code < 500:
        return QueryRefusedError(f"SIPD refuses the request with code {code}")
    if 500 <= code < 600:
        return UpstreamUnavailableError(f"SIPD answers code {code}")
    return UpstreamMalformedError("the answer has a code that the interface does not define")


_JSON: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)
