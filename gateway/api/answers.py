"""Responses of the API's routes, built from disclosed records only, with their cache headers.

Public answers are compressed. A private answer is compressed only if its route states that it has nothing but the
caller's own records, and that no words of the request chose them (`own_records`; decision 19 has the reasons).
"""

import gzip
import re
from collections.abc import Iterable
from enum import Enum, auto
from hashlib import blake2b

from fastapi import Request, Response

from gateway.api.formats.headers import page_headers, relative_url, source_headers
from gateway.api.formats.negotiation import JSON_ONLY, FormatChoice
from gateway.api.formats.page import ListPage
from gateway.api.ready_answers import allow_keeping
from gateway.api.request_headers import accepts_gzip, combined_header
from gateway.api.sources import PublicSources
from gateway.api.version import API_VERSION
from gateway.policy.disclosure import Disclosed, DisclosedDocument, reference_data
from gateway.snapshots.validity import UNCHANGING, Edition
from schemas.classes import Classed
from schemas.texts import Language

_MIN_COMPRESSED_BYTES = 1000
_CREDENTIAL_HEADERS = ("Authorization", "Cookie")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+", re.ASCII)


class Caller(Enum):
    """How a public answer depends on the caller: not at all, or on whether they have signed in."""

    ANY = auto()
    ANONYMOUS = auto()
    SIGNED_IN = auto()


class Answer(Response):
    """A response of the API. The functions below build it, from disclosed records or public reference data."""

    media_type = "application/json"


def list_answer(
    request: Request,
    page: ListPage,
    *,
    language: Language,
    max_age: int = 5,
    choice: FormatChoice = JSON_ONLY,
    caller: Caller = Caller.ANY,
    own_records: bool = False,
) -> Answer:
    """Return a page of a list in the chosen format. `caller` states whether its contents depend on the caller."""
    representation = choice.representation
    headers = page_headers(relative_url(request), page, representation)
    vary = choice.varies + (() if caller is Caller.ANY else _CREDENTIAL_HEADERS)
    content = representation.write(page)
    if page.disclosed.public and caller is not Caller.SIGNED_IN:
        edition = page.edition and _with_states(page.edition, page.sources)
        return public_answer(
            request, content, max_age=max_age, language=language, headers=headers, vary=vary, edition=edition
        )
    return _private_answer(content, headers, language, vary=vary, compress_for=request if own_records else None)


def record_answer(
    request: Request,
    disclosed: Disclosed,
    sources: PublicSources,
    *,
    language: Language,
    max_age: int = 0,
    own_records: bool = False,
    edition: Edition | None = None,
) -> Answer:
    """Return one disclosed record, with the state of its system. `edition`: see `public_answer`."""
    content = b'{"item":' + disclosed.items[0] + b"," + sources.json_members() + b"}"
    if disclosed.public:
        headers = source_headers(sources) if edition else None
        edition = edition and _with_states(edition, sources)
        return public_answer(request, content, max_age=max_age, language=language, headers=headers, edition=edition)
    return _private_answer(content, {}, language, compress_for=request if own_records else None)


def reference_answer(
    request: Request,
    values: Iterable[Classed],
    *,
    language: Language,
    max_age: int,
    choice: FormatChoice = JSON_ONLY,
    complete: bool = True,
    edition: Edition | None = UNCHANGING,
) -> Answer:
    """Return a list of the gateway's own public reference data. No system contributed, so `sources` is empty.

    `complete` is false if there are values that the gateway does not have. `edition` is None if the data may change.
    """
    page = ListPage(reference_data(values, language), PublicSources(complete=complete), edition=edition)
    return list_answer(request, page, language=language, max_age=max_age, choice=choice)


def document_answer(disclosed: DisclosedDocument) -> Answer:
    """Return a document as a download, so that a browser does not run it in this origin."""
    filename = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in disclosed.filename)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    media_type = disclosed.media_type if _MEDIA_TYPE.fullmatch(disclosed.media_type) else "application/octet-stream"
    return Answer(disclosed.content, headers=headers, media_type=media_type)


def private_answer(disclosed: Disclosed, *, language: Language) -> Answer:
    """Return one private value that is not a record of a system, such as the result of a check or a new code.

    It may be a secret, so it is never compressed.
    """
    return _private_answer(disclosed.items[0], {}, language)


def no_content(language: Language) -> Answer:
    """Return 204 No Content."""
    answer = _private_answer(b"", {}, language)
    answer.status_code = 204
    _drop_body_headers(answer)
    return answer


def public_answer(
    request: Request,
    content: bytes,
    *,
    max_age: int,
    language: Language,
    headers: dict[str, str] | None = None,
    vary: tuple[str, ...] = (),
    edition: Edition | None = None,
) -> Answer:
    """Return a public answer: cacheable, with an ETag, compressed if the client accepts it.

    `edition` states what it was made from, and so how long `gateway.api.ready_answers` may send it again. Without one,
    the answer is made anew for each request.
    """
    compressed = _is_compressed(request, content)
    all_headers = {
        "ETag": "",
        "Cache-Control": f"public, max-age={max_age}, stale-while-revalidate={max(max_age, 30)}",
        "Vary": ", ".join((*vary, "Accept-Language", "Accept-Encoding")),
        "Content-Language": language.value,
        **(headers or {}),
    }
    if edition is None or edition.id is None:
        all_headers["ETag"] = f'"{blake2b(content, digest_size=16).hexdigest()}{"-gzip" if compressed else ""}"'
    else:
        form = all_headers.get("Content-Type", Answer.media_type)
        all_headers["ETag"] = _weak_tag(edition.id, relative_url(request), language.value, form)
    if edition is not None:
        allow_keeping(request.scope, edition.validity)
    if compressed:
        return _gzip_answer(content, all_headers)
    return Answer(content, headers=all_headers)


def _weak_tag(*parts: object) -> str:
    """Return the weak ETag of what is shown: it leaves out when the systems were asked, and the encoding."""
    text = "\n".join(map(str, (API_VERSION, *parts)))
    return f'W/"{blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()}"'


def _with_states(edition: Edition, sources: PublicSources) -> Edition:
    """Add the states of the sources to the edition, so that a 304 never hides that a source has become stale.

    When each source was fetched is in the header `Gerbang-Sources`, which a 304 carries too.
    """
    if edition.id is None:
        return edition
    return Edition(f"{edition.id} {sources.json_members(with_times=False).decode()}", edition.validity)


def _private_answer(
    content: bytes,
    headers: dict[str, str],
    language: Language,
    vary: tuple[str, ...] = (),
    *,
    compress_for: Request | None = None,
) -> Answer:
    """Return a private answer. It is compressed only for a given request that accepts it."""
    encodings = () if compress_for is None else ("Accept-Encoding",)
    all_headers = {
        "Cache-Control": "private, no-store",
        "Vary": ", ".join(dict.fromkeys((*vary, *_CREDENTIAL_HEADERS, "Accept-Language", *encodings))),
        "Content-Language": language.value,
        **headers,
    }
    if compress_for is not None and _is_compressed(compress_for, content):
        return _gzip_answer(content, all_headers)
    return Answer(content, headers=all_headers)


def _is_compressed(request: Request, content: bytes) -> bool:
    return len(content) >= _MIN_COMPRESSED_BYTES and accepts_gzip(combined_header(request.headers, "accept-encoding"))


def _gzip_answer(content: bytes, headers: dict[str, str]) -> Answer:
    # mtime=0: a strong ETag promises identical bytes.
    return Answer(gzip.compress(content, 1, mtime=0), headers={**headers, "Content-Encoding": "gzip"})


def _drop_body_headers(answer: Answer) -> None:
    """Remove the headers that describe a body."""
    for name in ("content-length", "content-type"):
        if name in answer.headers:
            del answer.headers[name]
