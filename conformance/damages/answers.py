"""Damages to answers over HTTP, in groups. Each is carried out on the wire to the adapter, in place of the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from conformance.damages import bodies
from conformance.damages.verdicts import Allowed, Errors
from conformance.http_messages import AdapterConnection, Headers, RawAnswer
from conformance.proxy import Carry

_HTML: Final[Headers] = (("Content-Type", "text/html; charset=UTF-8"),)
_FIFTY_MB: Final = 50_000_000
_CHUNK: Final = b" " * 65_536
_BOM: Final = b"\xef\xbb\xbf"
_FEW: Final = 16

AWAY: Final[Errors] = frozenset({UpstreamUnavailableError})
LATE: Final[Errors] = frozenset({UpstreamTimeoutError})
BROKEN: Final[Errors] = frozenset({UpstreamMalformedError, UpstreamUnavailableError})
NOT_LET_IN: Final[Errors] = frozenset({CredentialsRefusedError})
REFUSED: Final[Errors] = frozenset({CredentialsRefusedError, QueryRefusedError})
UNFIT: Final[Errors] = frozenset({UpstreamMalformedError, UpstreamUnavailableError, CredentialsRefusedError})
ANY: Final[Errors] = frozenset({AdapterError})

Alter = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class Damage:
    """One way of damaging an answer, and what it may lead to. `hangs`: the question's time has to run out."""

    id: str
    carry: Carry
    allowed: Allowed
    hangs: bool = False


def _status(status: int, errors: Errors, *more: tuple[str, str], nothing: bool = False) -> Damage:
    async def carry(wire: AdapterConnection, _answer: RawAnswer) -> bool:
        await wire.reply(RawAnswer(status, (*_HTML, *more), bodies.PAGE))
        return True

    return Damage(str(status), carry, Allowed(errors=errors, nothing=nothing))


def _page(name: str, body: bytes, errors: Errors, *, nothing: bool = False) -> Damage:
    async def carry(wire: AdapterConnection, answer: RawAnswer) -> bool:
        await wire.reply(RawAnswer(200, _HTML if body else answer.headers, body))
        return True

    return Damage(name, carry, Allowed(errors=errors, nothing=nothing))


def _altered(name: str, alter: Alter, allowed: Allowed) -> Damage:
    """The simulator's own answer with an altered body, where there is one (a redirect has none) that can be altered."""

    async def carry(wire: AdapterConnection, answer: RawAnswer) -> bool:
        body = alter(answer.body) if answer.body and not 300 <= answer.status < 400 else None
        await wire.reply(answer if body is None else answer.saying(body))
        return body is not None

    return Damage(name, carry, allowed)


async def _hang(wire: AdapterConnection, _answer: RawAnswer) -> bool:
    await wire.gone()
    return True


async def _reset(wire: AdapterConnection, _answer: RawAnswer) -> bool:
    wire.reset()
    return True


async def _nothing(wire: AdapterConnection, _answer: RawAnswer) -> bool:
    wire.close()
    return True


async def _cut_off(wire: AdapterConnection, answer: RawAnswer) -> bool:
    await wire.send(
        answer.head(("Content-Length", str(len(answer.body) + _FEW))) + answer.body[: len(answer.body) // 2]
    )
    wire.close()
    return True


async def _not_http(wire: AdapterConnection, _answer: RawAnswer) -> bool:
    await wire.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    wire.close()
    return True


async def _endless(wire: AdapterConnection, answer: RawAnswer) -> bool:
    await wire.send(answer.head(("Connection", "close")) + answer.body[:1])
    for _ in range(_FIFTY_MB // len(_CHUNK)):
        await wire.send(_CHUNK)
    wire.close()
    return True


async def _long(wire: AdapterConnection, answer: RawAnswer) -> bool:
    await wire.send(answer.head(("Content-Length", str(_FIFTY_MB))) + answer.body)
    await wire.gone()
    return True


async def _bomb(wire: AdapterConnection, answer: RawAnswer) -> bool:
    packed = bodies.gzip_bomb()
    await wire.send(answer.head(("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))) + packed)
    return True


async def _xml_bomb(wire: AdapterConnection, _answer: RawAnswer) -> bool:
    await wire.reply(RawAnswer(200, (("Content-Type", "text/xml"),), bodies.xml_bomb()))
    return True


def redirecting(to: str) -> Damage:
    """A redirect to `to`, where nobody may ever come."""

    async def carry(wire: AdapterConnection, _answer: RawAnswer) -> bool:
        await wire.reply(RawAnswer(302, (*_HTML, ("Location", to)), b""))
        return True

    return Damage("redirect", carry, Allowed(errors=UNFIT | REFUSED))


def _unlike(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value of another type."""
    return [value] if isinstance(value, str) else {"nilai": value}


def _null(_value: Any) -> None:  # noqa: ANN401 - JSON
    return None


_JSON: Final = Allowed(errors=ANY, survives=True, changes=True)
_TEXT: Final = Allowed(errors=BROKEN, survives=True)

GROUPS: Final[Mapping[str, tuple[Damage, ...]]] = MappingProxyType(
    {
        "connection": (
            Damage("timeout", _hang, Allowed(errors=LATE), hangs=True),
            Damage("reset", _reset, Allowed(errors=AWAY)),
            Damage("no answer", _nothing, Allowed(errors=AWAY)),
            Damage("cut off", _cut_off, Allowed(errors=BROKEN)),
            Damage("not HTTP", _not_http, Allowed(errors=BROKEN)),
        ),
        "statuses": (
            _status(401, NOT_LET_IN),
            _status(403, REFUSED),
            _status(404, frozenset({QueryRefusedError}) | BROKEN, nothing=True),
            _status(409, frozenset({QueryRefusedError}) | BROKEN),
            _status(429, AWAY, ("Retry-After", "1")),
            _status(500, AWAY),
            _status(503, AWAY),
        ),
        "pages": (
            _page("a page with status 200", bodies.PAGE, UNFIT),
            _page("a login page", bodies.LOGIN_PAGE, UNFIT),
            _page("an empty body", b"", BROKEN, nothing=True),
        ),
        "bodies": (
            _altered("half a body", lambda body: body[: len(body) // 2] or None, _TEXT),
            _altered("wrong types", lambda body: bodies.retyped(body, _unlike), _JSON),
            _altered("wrong types in records", lambda body: bodies.retyped(body, _unlike, records_only=True), _JSON),
            _altered("nulls in records", lambda body: bodies.retyped(body, _null, records_only=True), _JSON),
            _altered("more fields", bodies.with_more_fields, _TEXT),
            _altered("wrong charset", bodies.in_utf_16, _TEXT),
            _altered("a BOM", lambda body: _BOM + body if bodies.is_text(body) else None, _TEXT),
            _altered("garbage", lambda _body: bodies.GARBAGE, Allowed(errors=BROKEN)),
        ),
        "bombs": (
            Damage("50 MB", _endless, Allowed(errors=BROKEN)),
            Damage("50 MB claimed", _long, Allowed(errors=BROKEN)),
            _altered("10,000 levels", bodies.deep, Allowed(errors=BROKEN)),
            Damage("a decompression bomb", _bomb, Allowed(errors=BROKEN)),
            Damage("an XML bomb", _xml_bomb, Allowed(errors=BROKEN)),
            _altered("an archive that unpacks to 100 MB", bodies.zip_bomb, Allowed(errors=BROKEN)),
        ),
    }
)
"""Every damage that needs nothing else, by the rule that it belongs to."""
