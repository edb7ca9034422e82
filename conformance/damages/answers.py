"""Damages to HTTP answers, in groups. The proxy sends the damaged answer in place of the right one."""

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
from conformance.proxy import SendDamaged

_HTML: Final[Headers] = (("Content-Type", "text/html; charset=UTF-8"),)
_FIFTY_MB: Final = 50_000_000
_CHUNK: Final = b" " * 65_536
_BOM: Final = b"\xef\xbb\xbf"
_FEW: Final = 16

UNAVAILABLE: Final[Errors] = frozenset({UpstreamUnavailableError})
TIMED_OUT: Final[Errors] = frozenset({UpstreamTimeoutError})
MALFORMED_OR_UNAVAILABLE: Final[Errors] = frozenset({UpstreamMalformedError, UpstreamUnavailableError})
CREDENTIALS_REFUSED: Final[Errors] = frozenset({CredentialsRefusedError})
REFUSED: Final[Errors] = frozenset({CredentialsRefusedError, QueryRefusedError})
UNUSABLE: Final[Errors] = frozenset({UpstreamMalformedError, UpstreamUnavailableError, CredentialsRefusedError})
ANY_ERROR: Final[Errors] = frozenset({AdapterError})

Alter = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class Damage:
    """One way of damaging an answer, and its allowed results. `hangs`: the question has to time out."""

    id: str
    send_damaged: SendDamaged
    allowed: Allowed
    hangs: bool = False


def _status(status: int, errors: Errors, *more: tuple[str, str], not_found: bool = False) -> Damage:
    async def send_damaged(connection: AdapterConnection, _answer: RawAnswer) -> bool:
        await connection.reply(RawAnswer(status, (*_HTML, *more), bodies.PAGE))
        return True

    return Damage(str(status), send_damaged, Allowed(errors=errors, not_found=not_found))


def _page(name: str, body: bytes, errors: Errors, *, not_found: bool = False) -> Damage:
    async def send_damaged(connection: AdapterConnection, answer: RawAnswer) -> bool:
        await connection.reply(RawAnswer(200, _HTML if body else answer.headers, body))
        return True

    return Damage(name, send_damaged, Allowed(errors=errors, not_found=not_found))


def _altered(name: str, alter: Alter, allowed: Allowed) -> Damage:
    """A damage that alters the body of the simulator's own answer.

    It does not apply to redirects, empty bodies, and bodies that `alter` returns None for.
    """

    async def send_damaged(connection: AdapterConnection, answer: RawAnswer) -> bool:
        body = alter(answer.body) if answer.body and not 300 <= answer.status < 400 else None
        await connection.reply(answer if body is None else answer.with_body(body))
        return body is not None

    return Damage(name, send_damaged, allowed)


async def _hang(connection: AdapterConnection, _answer: RawAnswer) -> bool:
    await connection.wait_for_disconnect()
    return True


async def _reset(connection: AdapterConnection, _answer: RawAnswer) -> bool:
    connection.reset()
    return True


async def _no_answer(connection: AdapterConnection, _answer: RawAnswer) -> bool:
    connection.close()
    return True


async def _cut_off(connection: AdapterConnection, answer: RawAnswer) -> bool:
    await connection.send(
        answer.head(("Content-Length", str(len(answer.body) + _FEW))) + answer.body[: len(answer.body) // 2]
    )
    connection.close()
    return True


async def _not_http(connection: AdapterConnection, _answer: RawAnswer) -> bool:
    await connection.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    connection.close()
    return True


async def _endless(connection: AdapterConnection, answer: RawAnswer) -> bool:
    await connection.send(answer.head(("Connection", "close")) + answer.body[:1])
    for _ in range(_FIFTY_MB // len(_CHUNK)):
        await connection.send(_CHUNK)
    connection.close()
    return True


async def _long(connection: AdapterConnection, answer: RawAnswer) -> bool:
    await connection.send(answer.head(("Content-Length", str(_FIFTY_MB))) + answer.body)
    await connection.wait_for_disconnect()
    return True


async def _bomb(connection: AdapterConnection, answer: RawAnswer) -> bool:
    packed = bodies.gzip_bomb()
    await connection.send(answer.head(("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))) + packed)
    return True


async def _xml_bomb(connection: AdapterConnection, _answer: RawAnswer) -> bool:
    await connection.reply(RawAnswer(200, (("Content-Type", "text/xml"),), bodies.xml_bomb()))
    return True


def redirecting(to: str) -> Damage:
    """A redirect to `to`, an address that must never be requested."""

    async def send_damaged(connection: AdapterConnection, _answer: RawAnswer) -> bool:
        await connection.reply(RawAnswer(302, (*_HTML, ("Location", to)), b""))
        return True

    return Damage("redirect", send_damaged, Allowed(errors=UNUSABLE | REFUSED))


def _unlike(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value of another type."""
    return [value] if isinstance(value, str) else {"nilai": value}


def _null(_value: Any) -> None:  # noqa: ANN401 - JSON
    return None


_JSON: Final = Allowed(errors=ANY_ERROR, survives=True, changes=True)
_TEXT: Final = Allowed(errors=MALFORMED_OR_UNAVAILABLE, survives=True)

GROUPS: Final[Mapping[str, tuple[Damage, ...]]] = MappingProxyType(
    {
        "connection": (
            Damage("timeout", _hang, Allowed(errors=TIMED_OUT), hangs=True),
            Damage("reset", _reset, Allowed(errors=UNAVAILABLE)),
            Damage("no answer", _no_answer, Allowed(errors=UNAVAILABLE)),
            Damage("cut off", _cut_off, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
            Damage("not HTTP", _not_http, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
        ),
        "statuses": (
            _status(401, CREDENTIALS_REFUSED),
            _status(403, REFUSED),
            _status(404, frozenset({QueryRefusedError}) | MALFORMED_OR_UNAVAILABLE, not_found=True),
            _status(409, frozenset({QueryRefusedError}) | MALFORMED_OR_UNAVAILABLE),
            _status(429, UNAVAILABLE, ("Retry-After", "1")),
            _status(500, UNAVAILABLE),
            _status(503, UNAVAILABLE),
        ),
        "pages": (
            _page("a page with status 200", bodies.PAGE, UNUSABLE),
            _page("a login page", bodies.LOGIN_PAGE, UNUSABLE),
            _page("an empty body", b"", MALFORMED_OR_UNAVAILABLE, not_found=True),
        ),
        "bodies": (
            _altered("half a body", lambda body: body[: len(body) // 2] or None, _TEXT),
            _altered("wrong types", lambda body: bodies.retyped(body, _unlike), _JSON),
            _altered("wrong types in records", lambda body: bodies.retyped(body, _unlike, records_only=True), _JSON),
            _altered("nulls in records", lambda body: bodies.retyped(body, _null, records_only=True), _JSON),
            _altered("more fields", bodies.with_more_fields, _TEXT),
            _altered("wrong charset", bodies.in_utf_16, _TEXT),
            _altered("a BOM", lambda body: _BOM + body if bodies.is_text(body) else None, _TEXT),
            _altered("garbage", lambda _body: bodies.GARBAGE, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
        ),
        "bombs": (
            Damage("50 MB", _endless, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
            Damage("50 MB claimed", _long, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
            _altered("10,000 levels", bodies.deep, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
            Damage("a decompression bomb", _bomb, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
            Damage("an XML bomb", _xml_bomb, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
            _altered("an archive that unpacks to 100 MB", bodies.zip_bomb, Allowed(errors=MALFORMED_OR_UNAVAILABLE)),
        ),
    }
)
"""Every damage without parameters, by the rule that uses it."""
