"""Signatures of requests and decryption of answers; both depend on the timestamp of the request.

Source: the public description of P-Care version 4: HMAC-SHA256 over consumer id and timestamp; answers are
base64(AES-256-CBC(LZ-String(JSON))) with the SHA-256 of consumer id, secret and the request's timestamp as key.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from adapters.e_puskesmas.lz import LzError, decompress
from adapters.e_puskesmas.settings import Settings
from adapters.errors import UpstreamMalformedError

LARGEST: Final = 1_000_000
"""Limit of one decrypted answer, in UTF-16 units."""

_BLOCK: Final = 16


def timestamp(now: datetime) -> str:
    """Return the Unix time in whole seconds, as used in the headers and the key."""
    return str(int(now.timestamp()))


def headers(settings: Settings, stamp: str) -> dict[str, str]:
    """Return the headers that sign a request made at `stamp`."""
    secret = settings.secret_key.get_secret_value().encode()
    signature = hmac.new(secret, f"{settings.cons_id}&{stamp}".encode(), hashlib.sha256).digest()
    user = f"{settings.username}:{settings.password.get_secret_value()}:{settings.application}"
    return {
        "X-cons-id": settings.cons_id,
        "X-timestamp": stamp,
        "X-signature": base64.b64encode(signature).decode(),
        "X-authorization": "Basic " + base64.b64encode(user.encode()).decode(),
        "user_key": settings.user_key.get_secret_value(),
        "Accept": "application/json",
    }


def unsealed(sealed: str, settings: Settings, stamp: str) -> str:
    """Return the JSON in the answer to the request made at `stamp`. Raises `UpstreamMalformedError`."""
    secret = settings.secret_key.get_secret_value()
    key = hashlib.sha256(f"{settings.cons_id}{secret}{stamp}".encode()).digest()
    try:
        decryptor = Cipher(AES256(key), CBC(key[:_BLOCK])).decryptor()
        padded = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        unpadder = PKCS7(_BLOCK * 8).unpadder()
        packed = unpadder.update(padded) + unpadder.finalize()
        return decompress(packed.decode("ascii"), at_most=LARGEST)
    except LzError as error:
        reason = f"its content cannot be decompressed: {error}"
    except (binascii.Error, ValueError):
        reason = "its content cannot be decrypted"
    raise UpstreamMalformedError(f"a sealed answer cannot be opened; {reason}")
