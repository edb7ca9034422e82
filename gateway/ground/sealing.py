"""Sealing of secrets, and recognition of values without storing them.

One master key, stored outside the database, gives each use a separate key (HKDF-SHA256, RFC 5869). Secrets at rest and
held results are sealed with AES-256-GCM, cursors with AES-SIV (RFC 5297), and ids of records with `ShortSeal`. The last
two are deterministic. People are recognised by HMAC-SHA256 fingerprints.
"""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Iterable
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.ground.errors import GerbangError

_KEY_BYTES = 32
_NONCE_BYTES = 12
_GCM_TAG_BYTES: Final = 16
_SHORT_TAG_BYTES: Final = 9
_SHORT_NONCE_END: Final = bytes(_NONCE_BYTES - _SHORT_TAG_BYTES)

OTHER_MASTER_KEY = "The database was sealed under another master key than the one given."


class MasterKeyError(GerbangError):
    """No usable master key is available."""


class UnsealError(ValueError):
    """The value was not sealed by us for this use, or was changed."""


class Sealer:
    """Seals, unseals and fingerprints values, with a separate key for every use (a short constant word)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != _KEY_BYTES:
            raise MasterKeyError("The master key must be 32 bytes, written in base64url.")
        self._master = master
        self._gcm: dict[str, AESGCM] = {}
        self._siv: dict[str, AESSIV] = {}
        self._mac: dict[str, bytes] = {}

    def _key(self, label: str, length: int) -> bytes:
        return HKDF(SHA256(), length, salt=None, info=f"gerbang/1/{label}".encode()).derive(self._master)

    def seal(self, use: str, plain: bytes, *, bound_to: str = "") -> bytes:
        """Seal `plain`; two seals of the same bytes differ. It can be unsealed only with the same `bound_to`."""
        cipher = self._gcm.get(use) or self._gcm.setdefault(use, AESGCM(self._key(f"gcm/{use}", _KEY_BYTES)))
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, bound_to.encode())

    def unseal(self, use: str, sealed: bytes, *, bound_to: str = "") -> bytes:
        """Open the result of `seal` for the same use and `bound_to`. Raises `UnsealError`."""
        cipher = self._gcm.get(use) or self._gcm.setdefault(use, AESGCM(self._key(f"gcm/{use}", _KEY_BYTES)))
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise UnsealError("not sealed by us") from error

    def token(self, use: str, plain: bytes) -> str:
        """Seal `plain` into URL-safe text; the same bytes always give the same text."""
        cipher = self._siv.get(use) or self._siv.setdefault(use, AESSIV(self._key(f"siv/{use}", 2 * _KEY_BYTES)))
        return base64.urlsafe_b64encode(cipher.encrypt(plain, None)).rstrip(b"=").decode()

    def open_token(self, use: str, text: str) -> bytes:
        """Open the result of `token` for the same use. Raises `UnsealError`."""
        cipher = self._siv.get(use) or self._siv.setdefault(use, AESSIV(self._key(f"siv/{use}", 2 * _KEY_BYTES)))
        try:
            sealed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            plain = cipher.decrypt(sealed, None)
        except (InvalidTag, ValueError, UnicodeEncodeError, binascii.Error) as error:
            raise UnsealError("not sealed by us") from error
        if self.token(use, plain) != text:
            raise UnsealError("not in the canonical encoding")
        return plain

    def short_seal(self, use: str) -> "ShortSeal":
        """The short deterministic seal for one use."""
        return ShortSeal(self._key(f"short/mac/{use}", _KEY_BYTES), self._key(f"short/ctr/{use}", _KEY_BYTES))

    def fingerprint(self, use: str, value: str) -> str:
        """A fingerprint that identifies `value` without revealing it: 64 hexadecimal digits."""
        key = self._mac.get(use) or self._mac.setdefault(use, self._key(f"mac/{use}", _KEY_BYTES))
        return hmac.digest(key, value.encode(), sha256).hex()


class ShortSeal:
    """Deterministic sealing for public ids: SIV mode with a tag of 72 bits, of BLAKE2b and AES-256-CTR.

    The tag is a pseudorandom function of the context and the plain bytes (keyed BLAKE2b, RFC 7693), and the nonce of
    their encryption as well: so equal bytes have equal seals, and a changed seal does not open. AES-SIV (RFC 5297) is
    the same construction with a longer tag; decision 6 explains why this one is enough. A nonce is the tag and zeros,
    in all 96 bits, so the counters of two nonces never meet. The keys of both parts are independent.

    The context is not part of the text: one opens it by naming the contexts that are possible.
    """

    def __init__(self, mac_key: bytes, cipher_key: bytes) -> None:
        self._mac_key = mac_key
        # GCM encrypts in counter mode; its own tag is dropped. Unlike a `Cipher`, threads may share the object.
        self._cipher = AESGCM(cipher_key)

    def seal(self, plain: bytes, context: bytes) -> str:
        """Seal `plain` into URL-safe text, of nine bytes more; the same bytes and context give the same text."""
        tag = self._tag(plain, context)
        return base64.urlsafe_b64encode(tag + self._crypt(tag, plain)).rstrip(b"=").decode()

    def open(self, text: str, contexts: Iterable[bytes]) -> tuple[bytes, bytes]:
        """Return the plain bytes, and the one of `contexts` for which they were sealed. Raises `UnsealError`."""
        try:
            sealed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (ValueError, UnicodeEncodeError, binascii.Error) as error:
            raise UnsealError("not sealed by us") from error
        tag = sealed[:_SHORT_TAG_BYTES]
        if len(tag) < _SHORT_TAG_BYTES:
            raise UnsealError("not sealed by us")
        plain = self._crypt(tag, sealed[_SHORT_TAG_BYTES:])
        found = next((context for context in contexts if hmac.compare_digest(self._tag(plain, context), tag)), None)
        if found is None:
            raise UnsealError("not sealed by us")
        if self.seal(plain, found) != text:
            raise UnsealError("not in the canonical encoding")
        return plain, found

    def _tag(self, plain: bytes, context: bytes) -> bytes:
        message = b"%d:%b%b" % (len(context), context, plain)
        return blake2b(message, key=self._mac_key, digest_size=_SHORT_TAG_BYTES).digest()

    def _crypt(self, tag: bytes, data: bytes) -> bytes:
        """Encrypt or decrypt: in counter mode both are the same."""
        return self._cipher.encrypt(tag + _SHORT_NONCE_END, data, None)[:-_GCM_TAG_BYTES]


def decode_master_key(text: str) -> bytes:
    """Decode the master key from base64 text, in either alphabet. Raises `MasterKeyError`."""
    padded = text.strip().replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise MasterKeyError("The master key must be 32 bytes, written in base64url.") from None


def load_master_key(path: Path) -> bytes:
    """Load the master key from `path`; create it there, readable by its owner only, if it is missing (demo mode)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            key = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES))
            # A random name: after a crash the same process number (1, in a container) occurs again.
            partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(key)
            try:
                os.link(partial, path)
            except FileExistsError:
                pass  # another process was first: its key is used
            finally:
                partial.unlink()
        return decode_master_key(path.read_text(encoding="latin-1"))
    except OSError as error:
        raise MasterKeyError(f"The master key file {path} cannot be read: {error.strerror}.") from None
