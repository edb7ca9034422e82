"""Speaks to one health centre: signs, asks, opens what is sealed, and tells refusals apart."""

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, JsonValue, TypeAdapter

from adapters.contract import Bad, Batch, Call
from adapters.e_puskesmas.sealing import headers, timestamp, unsealed
from adapters.e_puskesmas.settings import Settings
from adapters.e_puskesmas.wire import (
    Envelope,
    Halaman,
    Kunjungan,
    Meta,
    Pendaftaran,
    Peserta,
    Poli,
    Profil,
    StatusAntrean,
)
from adapters.errors import (
    Cause,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.legacy.envelopes import read_json, read_rows, read_text, read_value
from adapters.legacy.statuses import refuse_status
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from schemas.numbers import nik
from schemas.resources import Query

HealthCall = Call[Settings, HttpUpstream]
W = TypeVar("W", bound=BaseModel)

PAGE: Final = 50
_NOTHING: Final = frozenset({201, 204})
_ENVELOPE: Final = TypeAdapter(Envelope)
_CONTENT: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)
_PROFILE: Final = TypeAdapter(Profil)
_CLINIC: Final = TypeAdapter(Poli)
_LIST: Final[TypeAdapter[list[JsonValue]]] = TypeAdapter(list[JsonValue])
_MEMBERS: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])
_QUEUE: Final = TypeAdapter(StatusAntrean)
_PARTICIPANT: Final = TypeAdapter(Peserta)
_PAGE: Final = TypeAdapter(Halaman)
_BOOKING: Final = TypeAdapter(Pendaftaran)
_VISIT: Final = TypeAdapter(Kunjungan)


async def probe(call: HealthCall) -> None:
    """Whether the centre is there and knows us."""
    await _profile(call)


async def feed_facility(call: HealthCall, _mark: str | None) -> AsyncIterator[Batch[Profil]]:
    """The centre itself, with the clinics that are open today."""
    profile = await _profile(call)
    clinics = [clinic for clinic in await _clinics(call) if isinstance(clinic, Poli)]
    yield Batch((profile.model_copy(update={"poli": tuple(clinics)}),), whole=True)


async def feed_queues(call: HealthCall, _mark: str | None) -> AsyncIterator[Batch[StatusAntrean]]:
    """The queues of all clinics that are open today; a clinic that has none is left out."""
    found: list[StatusAntrean | Bad] = []
    for clinic in await _clinics(call):
        found += [clinic] if isinstance(clinic, Bad) else await _queue(call, clinic)
    yield Batch(tuple(found), whole=True)


async def ask_appointments(call: HealthCall, _query: Query, mark: str | None) -> Batch[Pendaftaran]:
    """A page of the subject's bookings; none for who is no patient here, or has no card. `mark` is where it starts."""
    return await _page_of(call, "pendaftaran", _BOOKING, mark)


async def ask_visits(call: HealthCall, _query: Query, mark: str | None) -> Batch[Kunjungan]:
    """A page of the subject's visits, in the same way."""
    return await _page_of(call, "kunjungan", _VISIT, mark)


async def _page_of(call: HealthCall, kind: str, shape: TypeAdapter[W], mark: str | None) -> Batch[W]:
    card = await _card(call)
    if card is None:
        return Batch(())
    start = int(mark) if mark else 0
    content = await _content(call, f"/pcare-rest/{kind}/peserta/{card}/{start}/{PAGE}")
    if content is None:
        return Batch(())
    page = read_value(content, _PAGE)
    end = start + len(page.list)
    more = end < page.count if page.count is not None else len(page.list) == PAGE
    rows = read_rows(page.list, shape)
    return Batch(rows, next=str(end) if more and rows else None)


async def _card(call: HealthCall) -> str | None:
    """The card number of the subject, by NIK. Whoever has none, or is not known here, has no bookings either."""
    number = call.subject.nik if call.subject else None
    if number is None or not nik.is_valid(number):
        return None
    content = await _content(call, f"/pcare-rest/peserta/nik/{quote(number, safe='')}")
    if content is None:
        return None
    participant = read_value(content, _PARTICIPANT)
    if participant.noKTP is not None and participant.noKTP.strip() != number:
        raise UpstreamMalformedError("the participant in the answer is not the one who was asked for")
    card = (participant.noKartu or "").strip()
    return quote(card, safe="") or None


async def _profile(call: HealthCall) -> Profil:
    return read_value(await _content(call, "/pcare-rest/faskes/profil"), _PROFILE)


async def _clinics(call: HealthCall) -> tuple[Poli | Bad, ...]:
    content = await _content(call, f"/antreanfktp/ref/poli/tanggal/{call.now.date().isoformat()}")
    if content is None:
        return ()
    listed = read_value(content, _LIST)
    return read_rows(listed, _CLINIC)


async def _queue(call: HealthCall, clinic: Poli) -> tuple[StatusAntrean | Bad, ...]:
    day = call.now.date().isoformat()
    content = await _content(call, f"/antreanfktp/antrean/status/{quote(clinic.kodepoli, safe='')}/{day}")
    if content is None:
        return ()
    asked: dict[str, JsonValue] = {"kdProvider": clinic.kdProvider, "kodepoli": clinic.kodepoli, "tanggal": day}
    return read_rows([read_value(content, _MEMBERS) | asked], _QUEUE)


async def _content(call: HealthCall, path: str) -> JsonValue:
    """What stands in the envelope, opened if it was sealed; None when nothing was found."""
    stamp = timestamp(call.now)
    answer = await call.up.send(HttpRequest("GET", path, headers=headers(call.settings, stamp)))
    if answer.status in (401, 403):
        raise _not_let_in(_meta_of_refusal(answer), answer, call.now)
    refuse_status(answer, call.now)
    if answer.status == 204:
        return None
    envelope = read_json(answer, _ENVELOPE)
    content = envelope.response
    if envelope.meta.code != 200:
        if envelope.meta.code in _NOTHING and not content:
            return None
        raise _refusal(envelope.meta, answer, call.now)
    if isinstance(content, str) and content:
        return read_text(unsealed(content, call.settings, stamp), _CONTENT)
    return content or None


def _meta_of_refusal(answer: HttpAnswer) -> Meta:
    """What a refusal says; only its status, when it says nothing that can be read."""
    try:
        return read_json(answer, _ENVELOPE).meta
    except UpstreamMalformedError:
        return Meta(code=answer.status)


def _refusal(
    meta: Meta, answer: HttpAnswer, now: datetime
) -> CredentialsRefusedError | QueryRefusedError | UpstreamUnavailableError | UpstreamMalformedError:
    """The error for an envelope whose code is none of success; the message itself is not passed on."""
    said = (meta.message or "").casefold()
    if meta.code == 429 or "kuota" in said:
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        return UpstreamUnavailableError("today's quota is spent", retry_at=midnight, cause=Cause.QUOTA_SPENT)
    if meta.code in (401, 403):
        return _not_let_in(meta, answer, now)
    if 400 <= meta.code < 500 or meta.code == 201:
        return QueryRefusedError(f"the health centre refuses the question with code {meta.code}")
    if 500 <= meta.code < 600:
        return UpstreamUnavailableError(f"the health centre answers code {meta.code}")
    return UpstreamMalformedError(f"the answer has code {meta.code}, which the interface does not know")


def _not_let_in(meta: Meta, answer: HttpAnswer, now: datetime) -> CredentialsRefusedError:
    said = (meta.message or "").casefold()
    if "timestamp" not in said and "waktu" not in said:
        return CredentialsRefusedError(f"the health centre does not let us in (code {meta.code})")
    try:
        ahead = parsedate_to_datetime(answer.headers.get("date", "")) - now
    except (ValueError, TypeError):
        return CredentialsRefusedError("the health centre's clock and ours differ by more than it allows")
    seconds = round(ahead.total_seconds())
    side = "ahead of" if seconds >= 0 else "behind"
    return CredentialsRefusedError(f"the health centre's clock is {abs(seconds)} s {side} ours, more than it allows")
