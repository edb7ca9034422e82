"""Signed requests and sealed answers, as in this service's interface description (README, 2 and 3)."""

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
from cryptography.hazmat.primitives.padding import PKCS7
from lzstring import LZString

from simulators.spec import SealRefusedError

APPLICATION: Final = "095"
TOLERANCE_SECONDS: Final = 300
_BLOCK: Final = 16


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials that one office issues to a consumer."""

    cons_id: str
    secret: str
    username: str
    password: str
    user_key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: the status, and the text for the envelope."""

    code: int
    message: str


def signature(credentials: Credentials, timestamp: str) -> str:
    """Return the `X-signature` for this timestamp."""
    signed = f"{credentials.cons_id}&{timestamp}".encode()
    return base64.b64encode(hmac.new(credentials.secret.encode(), signed, hashlib.sha256).digest()).decode()


def authorization(credentials: Credentials) -> str:
    """Return the `X-authorization` of this consumer."""
    written = f"{credentials.username}:{credentials.password}:{APPLICATION}".encode()
    return "Basic " + base64.b64encode(written).decode()


def refusal(headers: Mapping[str, str], credentials: Credentials, now: float) -> Refusal | None:
    """Return why these headers are refused, or None. `now` is the office's clock, in Unix seconds."""
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


def _same(value: str, expected: str) -> bool:
    return hmac.compare_digest(value.encode(), expected.encode())


def sealed(value: Any, credentials: Credentials, timestamp: str) -> str:  # noqa: ANN401 - any JSON
    """Seal a value: LZ-String, AES-256-CBC, base64, with a key derived from the request's timestamp (Q19)."""
    return sealed_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), credentials, timestamp)


def sealed_text(text: str, credentials: Credentials, timestamp: str) -> str:
    """Seal a text in the same way."""
    compressed = _compressed(text)
    padder = PKCS7(_BLOCK * 8).padder()
    padded = padder.update(compressed) + padder.finalize()
    encryptor = _cipher(credentials, timestamp).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode("ascii")


@lru_cache(maxsize=64)
def _compressed(text: str) -> bytes:
    """Compress the text with LZ-String. Cached, because it is slow in Python and lists are often requested again."""
    # The format uses UTF-16 code units; some characters have two.
    units = text.encode("utf-16-le", "surrogatepass")
    written = "".join(chr(units[place] | units[place + 1] << 8) for place in range(0, len(units), 2))
    compressed: str = LZString().compressToEncodedURIComponent(written)
    return compressed.encode("ascii")


def unsealed_text(sealed_: str, credentials: Credentials, timestamp: str) -> str:
    """Return the text that was sealed with this timestamp. Raises `ValueError` otherwise."""
    decryptor = _cipher(credentials, timestamp).decryptor()
    padded = decryptor.update(base64.b64decode(sealed_)) + decryptor.finalize()
    # A wrong key leaves no valid padding, but for one in 256; what remains then is not ASCII.
    unpadder = PKCS7(_BLOCK * 8).unpadder()
    compressed = unpadder.update(padded) + unpadder.finalize()
    try:
        written: str | None = LZString().decompressFromEncodedURIComponent(compressed.decode("ascii"))
    except Exception as error:
        raise ValueError("the sealed text cannot be unpacked") from error
    if not written:
        raise ValueError("the sealed text is empty")
    return written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _cipher(credentials: Credentials, timestamp: str) -> Cipher[CBC]:
    key = hashlib.sha256(f"{credentials.cons_id}{credentials.secret}{timestamp}".encode()).digest()
    return Cipher(AES(key), CBC(key[:_BLOCK]))


@dataclass(frozen=True, slots=True)
class Seal:
    """Unseals and seals answers of one office, so that tests can damage the sealed content."""

    credentials: Credentials

    def unseal(self, headers: Mapping[str, str], answer: bytes) -> bytes | None:
        """Return the content of a sealed answer, or None."""
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
        """Return the answer with other content. Sealed content is text: invalid UTF-8 becomes U+FFFD."""
        try:
            content = sealed_text(inside.decode("utf-8", "replace"), self.credentials, headers["x-timestamp"])
            return json.dumps(json.loads(answer) | {"response": content}, ensure_ascii=False).encode()
        except (KeyError, ValueError, TypeError):
            raise SealRefusedError("this does not answer a request with these headers") from None
