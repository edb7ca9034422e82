"""Client of one health centre: signs requests, and opens sealed answers."""

from collections.abc import AsyncIterator
from typing import Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, JsonValue, TypeAdapter

from adapters.contract import Bad, Batch, Call
from adapters.e_puskesmas.answers import enveloped, let_in, opened, refusal
from adapters.e_puskesmas.sealing import headers, timestamp
from adapters.e_puskesmas.settings import Settings
from adapters.e_puskesmas.wire import (
    Halaman,
    Kunjungan,
    Pendaftaran,
    Peserta,
    Poli,
    Profil,
    StatusAntrean,
)
from adapters.errors import UpstreamMalformedError
from adapters.legacy.envelopes import read_rows, read_value
from adapters.upstream import HttpRequest, HttpUpstream
from schemas.numbers import nik
from schemas.resources import Query

HealthCall = Call[Settings, HttpUpstream]
W = TypeVar("W", bound=BaseModel)

PAGE: Final = 50
_NOTHING: Final = frozenset({201, 204})
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
    """Check that the centre is available and accepts our credentials."""
    await _profile(call)


async def feed_facility(call: HealthCall, _mark: str | None) -> AsyncIterator[Batch[Profil]]:
    """Yield the centre itself, with the clinics that are open today; an unreadable clinic is None."""
    profile = await _profile(call)
    clinics = tuple(clinic if isinstance(clinic, Poli) else None for clinic in await _clinics(call))
    yield Batch((profile.model_copy(update={"poli": clinics}),), whole=True)


async def feed_queues(call: HealthCall, _mark: str | None) -> AsyncIterator[Batch[StatusAntrean]]:
    """Yield the queues of all clinics that are open today; a clinic without a queue is left out."""
    found: list[StatusAntrean | Bad] = []
    for clinic in await _clinics(call):
        found += [clinic] if isinstance(clinic, Bad) else await _queue(call, clinic)
    yield Batch(tuple(found), whole=True)


async def ask_appointments(call: HealthCall, _query: Query, mark: str | None) -> Batch[Pendaftaran]:
    """Return a page of the subject's bookings, from the offset `mark`.

    Empty for a subject who is not a patient here, or has no card.
    """
    return await page_of(call, "pendaftaran", _BOOKING, mark)


async def ask_visits(call: HealthCall, _query: Query, mark: str | None) -> Batch[Kunjungan]:
    """Return a page of the subject's visits, like `ask_appointments`."""
    return await page_of(call, "kunjungan", _VISIT, mark)


async def page_of(call: HealthCall, kind: str, shape: TypeAdapter[W], mark: str | None) -> Batch[W]:
    """Return a page of the records of the subject's card; `kind` is the name of the list in the path."""
    number = await card(call)
    if number is None:
        return Batch(())
    start = int(mark) if mark else 0
    content = await _content(call, f"/pcare-rest/{kind}/peserta/{quote(number, safe='')}/{start}/{PAGE}")
    if content is None:
        return Batch(())
    page = read_value(content, _PAGE)
    end = start + len(page.list)
    more = end < page.count if page.count is not None else len(page.list) == PAGE
    rows = read_rows(page.list, shape)
    return Batch(rows, next=str(end) if more and rows else None)


async def card(call: HealthCall) -> str | None:
    """Return the card number of the subject, by NIK; None for a subject without a card, or unknown here."""
    number = call.subject.nik if call.subject else None
    if number is None or not nik.is_valid(number):
        return None
    content = await _content(call, f"/pcare-rest/peserta/nik/{quote(number, safe='')}")
    if content is None:
        return None
    participant = read_value(content, _PARTICIPANT)
    if participant.noKTP is not None and participant.noKTP.strip() != number:
        raise UpstreamMalformedError("the participant in the answer is not the subject")
    return (participant.noKartu or "").strip() or None


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
    """Return the content of the envelope, decrypted if sealed; None when nothing was found."""
    stamp = timestamp(call.now)
    answer = await call.up.send(HttpRequest("GET", path, headers=headers(call.settings, stamp)))
    if let_in(answer, call.now).status == 204:
        return None
    envelope = enveloped(answer)
    if envelope.meta.code == 200:
        return opened(envelope.response, call.settings, stamp)
    if envelope.meta.code in _NOTHING and not envelope.response:
        return None
    raise refusal(envelope.meta, answer, call.now)
