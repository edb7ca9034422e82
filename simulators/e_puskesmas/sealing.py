"""Signed requests and sealed answers, as this service's interface description has them (README, 2 and 3)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lzstring import LZString

APPLICATION: Final = "095"
TOLERANCE_SECONDS: Final = 300
_BLOCK: Final = 16


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one office hands out to a consumer."""

    cons_id: str
    secret: str
    username: str
    password: str
    user_key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in: the status, and the text for the envelope."""

    code: int
    message: str


def signature(credentials: Credentials, timestamp: str) -> str:
    """The `X-signature` that belongs to this timestamp."""
    signed = f"{credentials.cons_id}&{timestamp}".encode()
    return base64.b64encode(hmac.new(credentials.secret.encode(), signed, hashlib.sha256).digest()).decode()


def authorization(credentials: Credentials) -> str:
    """The `X-authorization` of this consumer."""
    written = f"{credentials.username}:{credentials.password}:{APPLICATION}".encode()
    return "Basic " + base64.b64encode(written).decode()


def refusal(headers: Mapping[str, str], credentials: Credentials, now: float) -> Refusal | None:
    """Why these headers do not let in, or None when they do. `now` is the office's clock, in Unix seconds."""
    timestamp = headers.get("x-timestamp", "")
    if headers.get("x-cons-id") != credentials.cons_id or not timestamp.isdigit():
        return Refusal(401, "Unauthorized: consumer tidak terdaftar")
    if abs(now - int(timestamp[:12])) > TOLERANCE_SECONDS:  # Q20
        return Refusal(401, "Unauthorized: X-timestamp kadaluarsa, periksa waktu server anda")
    if not _same(headers.get("x-signature", ""), signature(credentials, timestamp)):
        return Refusal(401, "Unauthorized: signature tidak sesuai")
    if not _same(headers.get("x-authorization", ""), authorization(credentials)):
        return Refusal(401, "Unauthorized: username atau password tidak sesuai")
    if not _same(headers.get("user_key", ""), credentials.user_key):
        return Refusal(403, "Forbidden: user_key tidak valid")
    return None


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def sealed(value: Any, credentials: Credentials, timestamp: str) -> str:  # noqa: ANN401 - any JSON
    """The value as LZ-String, then AES-256-CBC, then base64, under the key of this request's own timestamp (Q19)."""
    key = hashlib.sha256(f"{credentials.cons_id}{credentials.secret}{timestamp}".encode()).digest()
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    packed = LZString().compressToEncodedURIComponent(written).encode("ascii")
    fill = _BLOCK - len(packed) % _BLOCK
    encryptor = Cipher(AES(key), CBC(key[:_BLOCK])).encryptor()
    return base64.b64encode(encryptor.update(packed + bytes([fill]) * fill) + encryptor.finalize()).decode("ascii")
