"""Signed requests and sealed answers, as this service's interface description has them (README, 2 and 3)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lzstring import LZString

from simulators.spec import SealRefusedError

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
    return sealed_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), credentials, timestamp)


def sealed_text(text: str, credentials: Credentials, timestamp: str) -> str:
    """Any text, sealed in the same way."""
    packed = _packed(text)
    fill = _BLOCK - len(packed) % _BLOCK
    encryptor = _cipher(credentials, timestamp).encryptor()
    return base64.b64encode(encryptor.update(packed + bytes([fill]) * fill) + encryptor.finalize()).decode("ascii")


@lru_cache(maxsize=64)
def _packed(text: str) -> bytes:
    """The text as LZ-String. It takes long in Python, and a list is mostly asked for again as it was."""
    # The format counts UTF-16 units, of which some characters are two.
    units = text.encode("utf-16-le", "surrogatepass")
    written = "".join(chr(units[place] | units[place + 1] << 8) for place in range(0, len(units), 2))
    packed: str = LZString().compressToEncodedURIComponent(written)
    return packed.encode("ascii")


def unsealed_text(sealed_: str, credentials: Credentials, timestamp: str) -> str:
    """What was sealed under the key of this timestamp; ValueError for what was not."""
    decryptor = _cipher(credentials, timestamp).decryptor()
    packed = decryptor.update(base64.b64decode(sealed_)) + decryptor.finalize()
    try:
        written: str | None = LZString().decompressFromEncodedURIComponent(packed[: -packed[-1]].decode("ascii"))
    except Exception as error:
        raise ValueError("it cannot be unpacked") from error
    if not written:
        raise ValueError("there is nothing in it")
    return written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _cipher(credentials: Credentials, timestamp: str) -> Cipher[CBC]:
    key = hashlib.sha256(f"{credentials.cons_id}{credentials.secret}{timestamp}".encode()).digest()
    return Cipher(AES(key), CBC(key[:_BLOCK]))


@dataclass(frozen=True, slots=True)
class Seal:
    """Opens what one office has sealed, and seals something else in its place: for whoever wants to lie under it."""

    credentials: Credentials

    def unseal(self, headers: Mapping[str, str], answer: bytes) -> bytes | None:
        """The content of an answer, when it is sealed."""
        try:
            content = json.loads(answer).get("response")
        except (ValueError, AttributeError):
            return None
        if not isinstance(content, str) or not content:
            return None
        try:
            return unsealed_text(content, self.credentials, headers["x-timestamp"]).encode()
        except (KeyError, ValueError):
            raise SealRefusedError("this was not sealed for a request with these headers") from None

    def seal(self, headers: Mapping[str, str], answer: bytes, inside: bytes) -> bytes:
        """The answer with another content. What is sealed is text: other bytes become U+FFFD."""
        try:
            content = sealed_text(inside.decode("utf-8", "replace"), self.credentials, headers["x-timestamp"])
            return json.dumps(json.loads(answer) | {"response": content}, ensure_ascii=False).encode()
        except (KeyError, ValueError, TypeError):
            raise SealRefusedError("this is no answer to a request with these headers") from None
