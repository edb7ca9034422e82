"""Sealing of secrets, and recognition of values without storing them.

One master key, stored outside the database, gives each use a separate key (HKDF-SHA256, RFC 5869). Secrets at rest and
held results are sealed with AES-256-GCM. Public ids and cursors are sealed with AES-SIV (RFC 5297), which is
deterministic, so that the same record always has the same id. People are recognised by HMAC-SHA256 fingerprints.
"""

import base64
import binascii
import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.ground.errors import GerbangError

_KEY_BYTES = 32
_NONCE_BYTES = 12

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

    def fingerprint(self, use: str, value: str) -> str:
        """A fingerprint that identifies `value` without revealing it: 64 hexadecimal digits."""
        key = self._mac.get(use) or self._mac.setdefault(use, self._key(f"mac/{use}", _KEY_BYTES))
        return hmac.new(key, value.encode(), sha256).hexdigest()


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
