"""Binds a recorded answer to a new request, for the two systems whose answers are bound to their request.

Both follow the interface descriptions in the READMEs of the simulators. What was recorded is the content only.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

Headers = Mapping[bytes, bytes]


class Rebinding(Protocol):
    """How the answers of a system are bound to a request. Names of headers are in lower case."""

    def unbound(self, body: bytes, headers: Headers) -> bytes:
        """The content to record, from an answer to the request with these headers."""

    def bound(self, content: bytes, headers: Headers) -> tuple[bytes, bytes]:
        """Further header lines, and the body, of the answer with this content to a request with these headers."""


@dataclass(frozen=True, slots=True)
class TimestampSeal:
    """e-puskesmas: the member `response` is encrypted with a key made of the request's time stamp.

    Recorded is the answer with the decrypted, still compressed and padded bytes in hexadecimal in its place.
    """

    cons_id: str
    secret_key: str

    def unbound(self, body: bytes, headers: Headers) -> bytes:
        """Decrypt the sealed member, if there is one."""
        answer = json.loads(body) if body else {}
        sealed = answer.get("response")
        if not isinstance(sealed, str) or not sealed:
            return body
        decryptor = self._cipher(headers).decryptor()
        inside = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
        return body.replace(sealed.encode(), _MARK + inside.hex().encode() + _MARK)

    def bound(self, content: bytes, headers: Headers) -> tuple[bytes, bytes]:
        """Encrypt the member for this request."""
        before, mark, rest = content.partition(_MARK)
        if not mark:
            return b"", content
        inside, _, after = rest.partition(_MARK)
        encryptor = self._cipher(headers).encryptor()
        sealed = encryptor.update(bytes.fromhex(inside.decode())) + encryptor.finalize()
        return b"", before + base64.b64encode(sealed) + after

    def _cipher(self, headers: Headers) -> "Cipher[CBC]":
        written = f"{self.cons_id}{self.secret_key}{headers[b'x-timestamp'].decode()}"
        key = hashlib.sha256(written.encode()).digest()
        return Cipher(AES(key), CBC(key[:16]))


_MARK: Final = b"\x00"


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """A remote adapter: the answer is signed together with the signature of its request (RFC 9421)."""

    keyid: str
    secret: str

    def unbound(self, body: bytes, headers: Headers) -> bytes:
        """The body; only its headers are bound."""
        del headers
        return body

    def bound(self, content: bytes, headers: Headers) -> tuple[bytes, bytes]:
        """Sign the content for this request."""
        found = _SIGNATURE.search(headers.get(b"signature", b""))
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
        parameters = (
            f'{_COMPONENTS};created={int(time.time())};keyid="{self.keyid}";alg="hmac-sha256";tag="gerbang-adapter"'
        )
        base = (
            f'"@status": 200\n"content-digest": {digest}\n"signature";req;key="gerbang": '
            f'{found[1].decode() if found else ""}\n"@signature-params": {parameters}'
        )
        signature = base64.b64encode(hmac.digest(self.secret.encode(), base.encode(), "sha256")).decode()
        lines = (
            f"content-digest: {digest}\r\nsignature-input: gerbang={parameters}\r\nsignature: gerbang=:{signature}:\r\n"
        )
        return lines.encode(), content


_SIGNATURE: Final = re.compile(rb"gerbang=(:[A-Za-z0-9+/]+=*:)")
_COMPONENTS: Final = '("@status" "content-digest" "signature";req;key="gerbang")'


def rebinding(kind: str, secrets: Mapping[str, Any]) -> Rebinding | None:
    """The binding of this kind (`timestamp`, `signature`); None for a system that binds nothing."""
    if kind == "timestamp":
        return TimestampSeal(secrets["cons_id"], secrets["secret_key"])
    return SignedAnswer(secrets["keyid"], secrets["secret"]) if kind == "signature" else None
