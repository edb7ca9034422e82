"""Answers: the only responses that routes give. Each is made from what policy disclosed, never from records."""

import gzip
import re
from collections.abc import Iterable
from enum import Enum, auto
from hashlib import blake2b

from fastapi import Request, Response

from gateway.api.context import address_of, combined_header
from gateway.api.formats.headers import headers_of
from gateway.api.formats.negotiation import JSON_ONLY, FormatChoice
from gateway.api.formats.page import ListPage, write_source
from gateway.policy.disclosure import Disclosed, DisclosedDocument, reference_data
from schemas.classes import Classed
from schemas.envelope import Source
from schemas.texts import Language

_WORTH_COMPRESSING = 1000
_WHO_CALLS = ("Authorization", "Cookie")
_REFUSED = re.compile(r"q=0(\.0*)?")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+", re.ASCII)


class Caller(Enum):
    """On whom an answer depends that is public in itself: on nobody, or on whether somebody has signed in."""

    NOBODY = auto()
    ANONYMOUS = auto()
    SIGNED_IN = auto()


class Answer(Response):
    """A response of the unified API. Made by the functions below, from disclosed records or public reference data."""

    media_type = "application/json"


def listing(
    request: Request,
    page: ListPage,
    *,
    language: Language,
    max_age: int = 5,
    choice: FormatChoice = JSON_ONLY,
    caller: Caller = Caller.NOBODY,
) -> Answer:
    """A page in the form that was chosen. `caller` says whether it depends on who asks beyond what was disclosed."""
    form = choice.representation
    headers = headers_of(address_of(request), page, form)
    varies = choice.varies + (() if caller is Caller.NOBODY else _WHO_CALLS)
    written = form.write(page)
    if page.disclosed.public and caller is not Caller.SIGNED_IN:
        return public(request, written, max_age=max_age, language=language, headers=headers, varies=varies)
    return _private(written, headers, language, varies=varies)


def single(request: Request, disclosed: Disclosed, source: Source, *, language: Language, max_age: int = 0) -> Answer:
    """One disclosed record, with the account of its source."""
    item = disclosed.items[0]
    written = item[:-1] + b',"source":' + write_source(source) + b"}"
    if disclosed.public:
        return public(request, written, max_age=max_age, language=language)
    return _private(written, {}, language)


def reference(
    request: Request, values: Iterable[Classed], *, language: Language, max_age: int, choice: FormatChoice = JSON_ONLY
) -> Answer:
    """A list of public reference data of the gateway itself: no system contributed, so there are no sources."""
    page = ListPage(reference_data(values, language), ())
    return listing(request, page, language=language, max_age=max_age, choice=choice)


def document(disclosed: DisclosedDocument) -> Answer:
    """The bytes of a document, offered as a download so that no browser runs them in our name."""
    filename = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in disclosed.filename)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    media_type = disclosed.media_type if _MEDIA_TYPE.fullmatch(disclosed.media_type) else "application/octet-stream"
    return Answer(disclosed.content, headers=headers, media_type=media_type)


def told(disclosed: Disclosed, *, language: Language) -> Answer:
    """One thing that is for the caller alone, and no record of any system: what was found out, or made for them."""
    return _private(disclosed.items[0], {}, language)


def done(language: Language) -> Answer:
    """What was asked is done, and there is nothing to say of it."""
    answer = _private(b"", {}, language)
    answer.status_code = 204
    _describe_nothing(answer)
    return answer


def public(
    request: Request,
    written: bytes,
    *,
    max_age: int,
    language: Language,
    headers: dict[str, str] | None = None,
    varies: tuple[str, ...] = (),
) -> Answer:
    """A public answer: cacheable, with a strong validator, compressed when asked.

    The validator covers the account of the sources too: a 304 never hides that a source has become stale.
    """
    zipped = len(written) >= _WORTH_COMPRESSING and _accepts_gzip(request)
    tag = f'"{blake2b(written, digest_size=16).hexdigest()}{"-gzip" if zipped else ""}"'
    sent = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={max_age}, stale-while-revalidate={max(max_age, 30)}",
        "Vary": ", ".join((*varies, "Accept-Language", "Accept-Encoding")),
        "Content-Language": language.value,
        **(headers or {}),
    }
    if _has(combined_header(request.headers, "if-none-match"), tag):
        answer = Answer(b"", headers=sent)
        answer.status_code = 304
        _describe_nothing(answer)
        return answer
    if zipped:
        # Without a time in it: a strong validator stands for the very same bytes.
        return Answer(gzip.compress(written, 1, mtime=0), headers={**sent, "Content-Encoding": "gzip"})
    return Answer(written, headers=sent)


def _private(written: bytes, headers: dict[str, str], language: Language, varies: tuple[str, ...] = ()) -> Answer:
    sent = {
        "Cache-Control": "private, no-store",
        "Vary": ", ".join(dict.fromkeys((*varies, *_WHO_CALLS, "Accept-Language"))),
        "Content-Language": language.value,
        **headers,
    }
    return Answer(written, headers=sent)


def _describe_nothing(answer: Answer) -> None:
    """Take away what describes a body that is not there. The name of a file stays, for the one that is kept already."""
    for described in ("content-length", "content-type"):
        if described in answer.headers:
            del answer.headers[described]


def _has(if_none_match: str, tag: str) -> bool:
    tags = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in tags or tag in tags


def _accepts_gzip(request: Request) -> bool:
    for part in combined_header(request.headers, "accept-encoding").split(","):
        coding, _, parameters = part.strip().partition(";")
        if coding.strip().lower() == "gzip":
            return _REFUSED.fullmatch(parameters.replace(" ", "").lower()) is None
    return False
