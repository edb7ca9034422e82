"""Client of LAPOR: requests are forms, answers JSON with content type text/html; a submission is XML both ways."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

from pydantic import JsonValue, TypeAdapter

from adapters.contract import Absent, Bad, Batch, Call, Refused, Stored
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.lapor import codes
from adapters.lapor.pages import Place, Rows, reports, stretch
from adapters.lapor.settings import Settings
from adapters.lapor.wire import Halaman, Kepala, Laporan, Satu, Topik
from adapters.legacy.envelopes import looks_like_html, read_json, read_rows, read_value
from adapters.legacy.markup import read_xml, text_at
from adapters.legacy.receipts import ends_with_code, mark
from adapters.legacy.statuses import raise_for_status
from adapters.legacy.texts import refusal_text
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from schemas.complaint import ComplaintQuery, SubmitComplaint

OurCall = Call[Settings, HttpUpstream]

FEED_PAGE: Final = 50
OWN_PAGE: Final = 10
_MOST_PAGES: Final = 400
_GOOD: Final = "1"
_BUSY_FOR: Final = timedelta(seconds=60)
_KEY: Final = re.compile(r"[0-9]{1,12}")
_ANSWER: Final = TypeAdapter(dict[str, JsonValue] | list[JsonValue])
_HEAD: Final = TypeAdapter(Kepala)
_PAGE: Final = TypeAdapter(Halaman)
_ONE: Final = TypeAdapter(Satu)
_TOPIC: Final = TypeAdapter(Topik)
_REPORT: Final = TypeAdapter(Laporan)


async def probe(call: OurCall) -> None:
    """Request the topics, to check that LAPOR is available and accepts our token."""
    await _topics(call)


async def feed(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Laporan]]:
    """Yield all reports that are not confidential, page by page; the mark is the position of the next page."""
    place: Place | None = Place.of(mark)
    names = await _topics(call)
    while place is not None:
        rows, place = await stretch(_asking(call, "getstreams", {"perpage": str(FEED_PAGE)}), place)
        yield Batch(_named(rows, names), next=place.mark if place else None, whole=True)


async def ask(call: OurCall, _query: ComplaintQuery, mark: str | None) -> Batch[Laporan]:
    """Return one page of the subject's own reports, also confidential and anonymous ones; `mark` is its position."""
    if call.subject is None:
        raise QueryRefusedError("a query for complaints needs their reporter")
    nik = call.subject.nik
    if nik is None:
        return Batch(())
    asking = _asking(call, "getmystreams", {"nik": nik, "perpage": str(OWN_PAGE)})
    rows, place = await stretch(asking, Place.of(mark))
    rows = await _with_names(call, tuple(_only_of(nik, row) for row in rows))
    return Batch(rows, next=place.mark if place else None)


async def one(call: OurCall, key: str) -> Laporan | None:
    """Return one report; a confidential one only if the subject made it."""
    if not _KEY.fullmatch(key):
        return None
    fields = {"trackingid": key, "nik": (call.subject.nik if call.subject else None) or ""}
    found = await _asked(call, "getstream", fields)
    if found is None:
        return None
    report = read_value(read_value(found, _ONE).data, _REPORT)
    if report.trackingid != key:
        raise UpstreamMalformedError("the answer is another report than the requested one")
    (row,) = await _with_names(call, (report,))
    return row if isinstance(row, Laporan) else None


async def submit(call: OurCall, fields: Mapping[str, str]) -> Stored | Refused:
    """Send a report.

    Any answer but a clear one raises; it is then unknown whether the report was stored.
    """
    request = HttpRequest(
        "POST",
        "/api/stream/addstream",
        headers={"content-type": "text/xml; charset=UTF-8"},
        content=_document(fields, call.settings.token.get_secret_value()),
        safe=False,
    )
    answer = _checked(await call.up.send(request), call.now)
    root = read_xml(answer, "lapor")
    tracking, message = text_at(root, "trackingid"), text_at(root, "pesan")
    if text_at(root, "status") == _GOOD and tracking is not None and _KEY.fullmatch(tracking):
        return Stored(tracking, tracking)
    if text_at(root, "status") != "0" or message is None:
        raise UpstreamMalformedError("the answer to the submission has neither a number nor a reason")
    if codes.folded(message) == codes.TOKEN_REFUSED:
        raise CredentialsRefusedError("LAPOR refuses our token")
    return Refused(codes.REFUSALS.get(codes.folded(message), "refused"), refusal_text(message))


async def look(call: OurCall, _command: SubmitComplaint, code: str) -> Stored | Absent:
    """Find the report that ends with the receipt code, among those of its reporter."""
    nik = call.subject.nik if call.subject else None
    if not nik:
        raise QueryRefusedError("the look-up of a report needs its reporter")
    page = await _page(call, "getmystreams", 1, {"nik": nik, "teks": mark(code), "perpage": str(FEED_PAGE)})
    rows = reports(page)
    for row in rows:
        if isinstance(row, Laporan) and ends_with_code(row.isi, code):
            return Stored(row.trackingid, row.trackingid)
    if page.total > len(rows) or any(isinstance(row, Bad) for row in rows):
        raise UpstreamMalformedError("the list does not show whether the report exists")
    return Absent()


def _asking(call: OurCall, service: str, fields: Mapping[str, str]) -> Callable[[int], Awaitable[Halaman]]:
    """Return a function that requests a page of one list by its number."""
    return lambda number: _page(call, service, number, fields)


async def _page(call: OurCall, service: str, number: int, fields: Mapping[str, str]) -> Halaman:
    found = await _asked(call, service, {"page": str(number), **fields})
    if found is None:
        raise UpstreamMalformedError("the answer to a request for a list is “not found”")
    page = read_value(found, _PAGE)
    if page.page != number or page.totalpage > _MOST_PAGES:
        raise UpstreamMalformedError("the answer is another page than the requested one, or there are too many pages")
    return page


def _only_of(nik: str, row: Laporan | Bad) -> Laporan | Bad:
    """Return the row if the subject is its reporter; otherwise `Bad`."""
    if isinstance(row, Bad) or (row.pelapor is not None and (row.pelapor.nik or "").strip() == nik):
        return row
    return Bad("not a report of the subject")


async def _with_names(call: OurCall, rows: Rows) -> Rows:
    """Return the rows; the names of topics are requested only if there is an unknown one."""
    unknown = any(isinstance(row, Laporan) and (row.topik or "").strip() not in codes.CATEGORIES for row in rows)
    return _named(rows, await _topics(call)) if unknown else rows


def _named(rows: Rows, names: Mapping[str, str]) -> Rows:
    return tuple(
        row.model_copy(update={"topik_nama": names.get(row.topik)}) if isinstance(row, Laporan) and row.topik else row
        for row in rows
    )


async def _topics(call: OurCall) -> dict[str, str]:
    """Return the names of the topics by their ids."""
    answer = await _sent(call, "gettopics", {})
    listed = read_json(answer, _ANSWER)
    if isinstance(listed, dict):
        raise _refusal(read_value(listed, _HEAD)) or UpstreamMalformedError("the topics are not a list")
    return {topic.id: topic.topic_name for topic in read_rows(listed, _TOPIC) if isinstance(topic, Topik)}


async def _asked(call: OurCall, service: str, fields: Mapping[str, str]) -> dict[str, JsonValue] | None:
    """Return a successful answer; None for "not found". Raises the error for any other answer."""
    found = read_json(await _sent(call, service, fields), _ANSWER)
    if isinstance(found, list):
        raise UpstreamMalformedError("the answer is a list instead of an envelope")
    head = read_value(found, _HEAD)
    if head.status == _GOOD:
        return found
    refusal = _refusal(head)
    if refusal is None:
        return None
    raise refusal


async def _sent(call: OurCall, service: str, fields: Mapping[str, str]) -> HttpAnswer:
    request = HttpRequest(
        "POST",
        f"/api/services/f01/{service}",
        headers={
            "keytoken": call.settings.token.get_secret_value(),
            "content-type": "application/x-www-form-urlencoded",
        },
        content=urlencode(fields).encode("ascii"),
    )
    return _checked(await call.up.send(request), call.now)


def _checked(answer: HttpAnswer, now: datetime) -> HttpAnswer:
    """Return the answer, unless its status is an error, or it is the page for too many requests."""
    raise_for_status(answer, now)
    if looks_like_html(answer.content) and codes.BUSY in answer.content.lower():
        raise UpstreamUnavailableError("LAPOR reports too many requests", retry_at=now + _BUSY_FOR)
    return answer


def _refusal(head: Kepala) -> AdapterError | None:
    """Return the error for a refusal; None for "not found". LAPOR's own text is not passed on."""
    message = codes.folded(head.pesan)
    if message == codes.NOT_FOUND:
        return None
    if message == codes.TOKEN_REFUSED:
        return CredentialsRefusedError("LAPOR refuses our token")
    if head.status == "0":
        return QueryRefusedError("LAPOR refuses the request")
    return UpstreamMalformedError("the answer reports neither success nor refusal")


def _document(fields: Mapping[str, str], token: str) -> bytes:
    """Return the XML document of a submission."""
    root = Element("lapor", {"token": token})
    SubElement(SubElement(root, "pelapor"), "nik").text = fields["nik"]
    report = SubElement(root, "laporan", {flag: fields[flag] for flag in ("rahasia", "anonim")})
    for name in ("judul", "isi", "topik", "kelurahan", "kecamatan", "lokasi", "lat", "lng"):
        if fields.get(name):
            SubElement(report, name).text = fields[name]
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written
