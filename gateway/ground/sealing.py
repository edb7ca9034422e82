"""Sealing: what the gateway must keep secret, or must recognise again without reading it.

One master key, kept outside the database, gives a key of its own to each use (HKDF-SHA256, RFC 5869):
secrets at rest and held results are sealed with AES-256-GCM; public ids and cursors with AES-SIV (RFC 5297), which is
deterministic, so that the same record always has the same id; people are recognised by HMAC-SHA256 fingerprints.
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
    """There is no usable master key."""


class UnsealError(ValueError):
    """What was to be opened was not sealed by us for this use, or was changed."""


class Sealer:
    """Seals and recognises, with a key of its own for every use (a short constant word)."""

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
        """Seal `plain`; two seals of the same bytes differ. It opens only with the same `bound_to`."""
        cipher = self._gcm.get(use) or self._gcm.setdefault(use, AESGCM(self._key(f"gcm/{use}", _KEY_BYTES)))
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, bound_to.encode())

    def unseal(self, use: str, sealed: bytes, *, bound_to: str = "") -> bytes:
        """Open what `seal` made for the same use and `bound_to`, or raise `UnsealError`."""
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
        """Open what `token` made for the same use, or raise `UnsealError`."""
        cipher = self._siv.get(use) or self._siv.setdefault(use, AESSIV(self._key(f"siv/{use}", 2 * _KEY_BYTES)))
        try:
            sealed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            plain = cipher.decrypt(sealed, None)
        except (InvalidTag, ValueError, UnicodeEncodeError, binascii.Error) as error:
            raise UnsealError("not sealed by us") from error
        if self.token(use, plain) != text:
            raise UnsealError("not the one way to write it")
        return plain

    def fingerprint(self, use: str, value: str) -> str:
        """Recognise `value` again without keeping it: 64 hexadecimal digits."""
        key = self._mac.get(use) or self._mac.setdefault(use, self._key(f"mac/{use}", _KEY_BYTES))
        return hmac.new(key, value.encode(), sha256).hexdigest()


def decode_master_key(text: str) -> bytes:
    """The master key from base64 text, in either alphabet; `MasterKeyError` for anything else."""
    written = text.strip().replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise MasterKeyError("The master key must be 32 bytes, written in base64url.") from None


def kept_master_key(path: Path) -> bytes:
    """The master key kept in `path`; made there, readable by its owner only, when there is none (demo mode)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            made = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES))
            # A name of its own: after a crash the same process number (1, in a container) comes again.
            partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(made)
            try:
                os.link(partial, path)
            except FileExistsError:
                pass  # another process was first: its key counts
            finally:
                partial.unlink()
        return decode_master_key(path.read_text(encoding="latin-1"))
    except OSError as error:
        raise MasterKeyError(f"The master key file {path} cannot be read: {error.strerror}.") from None
