"""Client of e-kelurahan: logs in, requests lists and pages, fetches files, posts forms."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, TypeAdapter

from adapters.contract import Absent, Bad, Batch, Call, Content, Refused, SessionKeys, Stored
from adapters.e_kelurahan import codes, pages
from adapters.e_kelurahan.answers import answered, asks_to_log_in, goes_to, good
from adapters.e_kelurahan.settings import Settings
from adapters.e_kelurahan.wire import FILE, DataTable, Layanan, Permohonan
from adapters.errors import (
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.legacy.envelopes import read_json, read_rows
from adapters.legacy.receipts import ends_with_code, mark
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from schemas.application import ApplicationQuery, SubmitApplication
from schemas.places import Region, RegionLevel, regions

OurCall = Call[Settings, HttpUpstream]
W = TypeVar("W", bound=BaseModel)

PAGE: Final = 50
_OVERLAP: Final = 10
_CATALOGUE_PAGE: Final = 10
_COOKIE: Final = "ci_session"
_CHARSET: Final = "latin1"
_AJAX: Final = {"x-requested-with": "XMLHttpRequest", "accept": "application/json"}
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_DATA_TABLE: Final = TypeAdapter(DataTable)
_LAYANAN: Final = TypeAdapter(Layanan)
_PERMOHONAN: Final = TypeAdapter(Permohonan)
KEY: Final = re.compile(r"[a-z_]{1,40}/[0-9]{4,10}")
_STORED: Final = re.compile(r"/permohonan/([a-z_]{1,40}/[0-9]{4,10})")


def posted(path: str, fields: Mapping[str, str], headers: Mapping[str, str], *, safe: bool) -> HttpRequest:
    # Characters outside windows-1252 are sent as numeric HTML references, as browsers do.
    content = urlencode(fields, encoding="cp1252", errors="xmlcharrefreplace").encode("ascii")
    return HttpRequest("POST", path, headers={**_FORM, **headers}, content=content, safe=safe)


async def log_in(call: OurCall) -> SessionKeys:
    """Log in by the form. A new login ends the account's previous session, so only one login may run at a time."""
    answer = await call.up.send(HttpRequest("GET", "/login"))
    answered(answer, call.now)
    token, before = pages.Page(answer).token, answer.cookies.get(_COOKIE, "")
    settings = call.settings
    fields = {
        "csrf_test_name": token,
        "identity": settings.username,
        "password": settings.password.get_secret_value(),
    }
    answer = await call.up.send(posted("/login", fields, {"cookie": f"{_COOKIE}={before}"}, safe=False))
    cookie = answer.cookies.get(_COOKIE)
    if goes_to(answer) is not None and not asks_to_log_in(answer) and cookie:
        return SessionKeys(cookies={_COOKIE: cookie})
    if answer.status == 200 and pages.Page(answer).alert:
        raise CredentialsRefusedError("the system refuses our account or its password")
    if answer.status != 403:
        answered(answer, call.now)
    raise UpstreamUnavailableError("the login neither succeeded nor was refused")


async def probe(call: OurCall) -> None:
    """Request the first page behind the login."""
    if not pages.Page(good(await call.up.send(HttpRequest("GET", "/beranda")), call.now)).is_ours:
        raise UpstreamMalformedError("the first page is not a page of the application")


async def _rows(call: OurCall, request: HttpRequest, shape: TypeAdapter[W]) -> tuple[int, tuple[W | Bad, ...]]:
    """Return the total number of rows, and the rows of this page."""
    answer = good(await call.up.send(request), call.now)
    table = read_json(answer, _DATA_TABLE, charset=_CHARSET)
    return table.recordsFiltered, read_rows(table.data, shape)


async def feed_letters(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Layanan]]:
    """Yield the catalogue page by page; the mark is the offset of the next page."""
    start = int(mark) if mark and mark.isascii() and mark.isdecimal() else 0
    while True:
        query = (("start", str(start)), ("length", str(_CATALOGUE_PAGE)))
        total, rows = await _rows(call, HttpRequest("GET", "/layanan", query=query, headers=_AJAX), _LAYANAN)
        start += len(rows)
        more = bool(rows) and start < total
        yield Batch(rows, next=str(start) if more else None, whole=True)
        if not more:
            return


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The offset of a page of a list, and the key of the last row before it."""

    start: int = 0
    after: str | None = None

    @classmethod
    def of(cls, mark: str | None) -> "_Stretch":
        start, _, after = (mark or "").partition(" ")
        return cls(int(start), after) if start.isascii() and start.isdecimal() else cls()

    @property
    def mark(self) -> str:
        return f"{self.start} {self.after or ''}"


def _listing(call: OurCall, query: ApplicationQuery, start: int) -> HttpRequest | None:
    """Return the request for a page of the list; None when the system cannot have any such application."""
    stretch = {"start": str(start), "length": str(PAGE)}
    if call.subject is not None:
        nik = call.subject.nik
        return posted("/permohonan/cari", {"nik": nik, **stretch}, _AJAX, safe=True) if nik else None
    if query.region is None:
        raise QueryRefusedError("a query for applications needs a resident or a region")
    region = regions().get(query.region)
    if region is None:
        return None
    where = {**_names(region), **stretch}
    return HttpRequest("GET", "/permohonan", query=tuple(where.items()), headers=_AJAX)


def _names(region: Region) -> dict[str, str]:
    """Return the names by which the list is filtered: two for a kelurahan, one for a kecamatan, none for the city."""
    if region.level is RegionLevel.KELURAHAN and region.parent is not None:
        return {"kelurahan": region.name, "kecamatan": region.parent.name or ""}
    return {"kecamatan": region.name} if region.level is RegionLevel.KECAMATAN else {}


async def ask(call: OurCall, query: ApplicationQuery, mark: str | None) -> Batch[Permohonan]:
    """Return one page of the applications of a resident or a region, newest first.

    Applications are added and withdrawn between two requests, which shifts the rows that follow. So each page overlaps
    the page before by `_OVERLAP` rows, and continues after the last row of that page: an application added meanwhile is
    not repeated, and none is missed unless more than `_OVERLAP` are withdrawn between two requests.
    """
    place = _Stretch.of(mark)
    request = _listing(call, query, place.start)
    if request is None:
        return Batch(())
    total, rows = await _rows(call, request, _PERMOHONAN)
    fresh = _following(rows, place.after)
    end = place.start + len(rows)
    if end >= total or len(rows) <= _OVERLAP:
        return Batch(fresh)
    return Batch(fresh, next=_Stretch(end - _OVERLAP, _last_key(rows)).mark)


def _following(rows: tuple[Permohonan | Bad, ...], after: str | None) -> tuple[Permohonan | Bad, ...]:
    known = [place for place, row in enumerate(rows) if isinstance(row, Permohonan) and row.key == after]
    return rows[known[0] + 1 :] if known else rows


def _last_key(rows: tuple[Permohonan | Bad, ...]) -> str | None:
    return next((row.key for row in reversed(rows) if isinstance(row, Permohonan)), None)


async def one(call: OurCall, key: str) -> Permohonan | None:
    """Return one application with its stamps and files."""
    if not KEY.fullmatch(key):
        return None
    found = pages.application(good(await call.up.send(HttpRequest("GET", f"/permohonan/{key}")), call.now))
    if found is not None and found.key != key:
        raise UpstreamMalformedError("the page shows another application than the requested one")
    return found


async def content(call: OurCall, key: str, document_id: str) -> Content | None:
    """Return one file of an application, if the application's page has a link to it."""
    application = await one(call, key)
    files = application.berkas if application is not None else ()
    file = next((file for file in files if file.document_id == document_id), None)
    if file is None:
        return None
    if not FILE.fullmatch(file.tautan):
        raise UpstreamMalformedError("the link of a file has an unexpected address")
    answer = good(await call.up.send(HttpRequest("GET", file.tautan)), call.now)
    if not answer.content.startswith(b"%PDF-"):
        if pages.Page(answer).says("Berkas tidak ditemukan."):
            return None
        raise UpstreamMalformedError("the answer is a page instead of a file")
    if b"%%EOF" not in answer.content[-1024:]:
        raise UpstreamMalformedError("the file is truncated")
    kind = codes.FILE_KINDS.get(file.jenis.strip().lower(), "document")
    return Content(answer.content, "application/pdf", f"{kind}-{document_id}.pdf")


async def submit(call: OurCall, fields: Mapping[str, str]) -> Stored | Refused:
    """Fill in the form and send it.

    Any answer but a clear one raises; it is then unknown whether the application was stored.
    """
    page = pages.Page(good(await call.up.send(HttpRequest("GET", "/permohonan/baru")), call.now))
    form = page.form("baru")
    if form is None:
        raise UpstreamMalformedError("the page has no application form")
    if fields["kode"] not in form.options("kode") or fields["kelurahan"] not in form.options("kelurahan"):
        return Refused("service-not-offered", "Layanan ini tidak tersedia di kelurahan tersebut.")
    filled = posted("/permohonan/simpan", {"csrf_test_name": page.token, **fields}, {}, safe=False)
    return _outcome(await call.up.send(filled), call)


def _outcome(answer: HttpAnswer, call: OurCall) -> Stored | Refused:
    stored = _STORED.fullmatch(goes_to(answer) or "")
    if stored:
        return Stored(stored[1], codes.registration_number(stored[1]))
    page = pages.Page(good(answer, call.now))
    if page.form("baru") is None or page.alert is None:
        raise UpstreamMalformedError("the answer to the form has neither a redirect nor a reason")
    return Refused(codes.REFUSALS.get(page.alert, "refused"), page.alert)


async def look(call: OurCall, _command: SubmitApplication, code: str) -> Stored | Absent:
    """Find the application whose purpose ends with the receipt code."""
    fields = {"teks": mark(code), "start": "0", "length": str(PAGE)}
    if call.subject is not None and call.subject.nik:
        fields["nik"] = call.subject.nik
    total, rows = await _rows(call, posted("/permohonan/cari", fields, _AJAX, safe=True), _PERMOHONAN)
    for row in rows:
        if isinstance(row, Permohonan) and ends_with_code(row.keperluan, code):
            return Stored(row.key, codes.registration_number(row.key))
    if total > len(rows) or any(isinstance(row, Bad) for row in rows):
        raise UpstreamMalformedError("the list does not show whether the application exists")
    return Absent()
