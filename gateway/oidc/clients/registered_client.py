"""A registered client, with the methods that Authlib calls."""

import hmac
import re
from collections.abc import Collection
from datetime import datetime

from gateway.ground.sealing import Sealer
from gateway.policy.scopes import RELEASE_SCOPE, SCOPES
from gateway.storage.tables.clients import ClientRow
from schemas.codes import Code

_SECRET_USE = "client-secret"  # noqa: S105 - the name of a use, not a secret
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\])):([1-9][0-9]{0,4})(/[\x21-\x7e]*)?", re.ASCII)
_MAX_PORT = 65535


class AuthMethod(Code):
    """How a client authenticates, in the words of OpenID Connect Core, section 9."""

    NONE = "none", "Tanpa bukti, aplikasi publik", "None (public app)"
    SECRET = "client_secret_basic", "Rahasia, sebagai pengecualian", "Client secret, as an exception"
    KEY = "private_key_jwt", "Kunci sendiri", "Private key"
    IN_PROCESS = "in-process", "Halaman gerbang sendiri", "Pages of the gateway"
    """The gateway's own clients: their codes are redeemed in process; they can authenticate at no endpoint."""


def hash_client_secret(sealer: Sealer, secret: str) -> str:
    """Hash a client secret for storage."""
    return sealer.fingerprint(_SECRET_USE, secret)


def is_registered(address: str, registered: Collection[str], *, native: bool) -> bool:
    """Whether `address` is exactly one of `registered`; a native client may use any loopback port."""
    if address in registered:
        return True
    loopback = _LOOPBACK.fullmatch(address) if native else None
    if loopback is None or int(loopback[2]) > _MAX_PORT:
        return False
    return loopback[1] + (loopback[3] or "") in registered


class OAuthClient:
    """A client with the methods of Authlib's `ClientMixin`, without inheriting it."""

    def __init__(self, row: ClientRow, sealer: Sealer) -> None:
        self.row = row
        self._sealer = sealer

    def get_client_id(self) -> str:
        """The client's id."""
        return self.row.id

    def get_default_redirect_uri(self) -> None:
        """None: every request must name its redirect."""
        return

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether this redirect is registered exactly; a native client may use any loopback port (RFC 8252)."""
        return is_registered(redirect_uri, self.row.redirect_uris, native=self.row.native)

    def check_response_type(self, response_type: str) -> bool:
        """Only the response type `code` is supported."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client may use this grant."""
        return grant_type in self.row.grant_types

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the requested scope if every part of it is known and registered for this client; else None.

        The scope that releases the NIK also needs a legal basis on record.
        """
        names = (scope or "").split()
        if not names or not all(name in SCOPES and name in self.row.scopes for name in names):
            return None
        if RELEASE_SCOPE in names and not self.row.nik_legal_basis:
            return None
        return " ".join(dict.fromkeys(names))

    def check_secret(self, secret: str, at: datetime) -> bool:
        """Whether this is the client's secret and has not expired."""
        stored, until = self.row.secret_hash, self.row.secret_expires_at
        if stored is None or until is None or until <= at:
            return False
        return hmac.compare_digest(hash_client_secret(self._sealer, secret), stored)
