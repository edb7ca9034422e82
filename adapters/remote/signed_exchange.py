"""Signed requests of the adapter protocol: sends a request, and accepts only an answer that is signed for it."""

import secrets
from typing import Final, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

from adapters.contract import Call
from adapters.errors import UpstreamMalformedError
from adapters.legacy.envelopes import read_json
from adapters.legacy.statuses import raise_for_status
from adapters.remote.settings import Settings
from adapters.remote.signing import BadSignatureError, Key, Signed, check_answer, sign_request
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream

OurCall = Call[Settings, HttpUpstream]
T = TypeVar("T")

_NONCE_SEEN: Final = 409
_OK: Final = 200


async def exchange(
    call: OurCall, method: str, path: str, message: BaseModel | None, shape: TypeAdapter[T], *, safe: bool = True
) -> T:
    """Send one request, and return its answer if it is signed for this request."""
    content = b"" if message is None else to_json(message)
    answer, signed = await _send_signed(call, method, path, content, safe=safe)
    if answer.status == _NONCE_SEEN and safe:
        # The upstream stack may repeat a safe request unchanged; then the adapter has already seen its nonce.
        answer, signed = await _send_signed(call, method, path, content, safe=safe)
    raise_for_status(answer, call.now)
    _verify(call, answer, signed)
    return read_json(answer, shape)


async def _send_signed(
    call: OurCall, method: str, path: str, content: bytes, *, safe: bool
) -> tuple[HttpAnswer, Signed]:
    full_path = urlsplit(str(call.settings.base_url)).path.rstrip("/") + path
    signed = sign_request(
        _key(call),
        method,
        full_path,
        content,
        created=int(call.now.timestamp()),
        nonce=secrets.token_urlsafe(16),
    )
    headers = {"accept": "application/json", **signed.headers}
    if method == "GET":
        return await call.up.send(HttpRequest("GET", path, headers=headers)), signed
    headers["content-type"] = "application/json"
    request = HttpRequest("POST", path, headers=headers, content=content, safe=safe)
    return await call.up.send(request), signed


def _key(call: OurCall) -> Key:
    return Key(call.settings.keyid, call.settings.secret.get_secret_value())


def _verify(call: OurCall, answer: HttpAnswer, signed: Signed) -> None:
    if answer.status != _OK:
        raise UpstreamMalformedError(f"the adapter answers status {answer.status}, which the protocol does not define")
    try:
        check_answer(_key(call), signed, answer.status, answer.headers, answer.content)
    except BadSignatureError as error:
        reason = str(error)
    else:
        return
    raise UpstreamMalformedError(f"the answer is not signed as agreed: {reason}")
