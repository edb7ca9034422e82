"""A registered client, as the grant machinery asks about it."""

import hmac
import re
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from gateway.ground.sealing import Sealer
from gateway.policy.scopes import RELEASE_SCOPE, SCOPES
from gateway.storage.tables.identity import ClientRow

_SECRET_USE = "client-secret"  # noqa: S105 - the name of a use, not a secret
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\])):([1-9][0-9]{0,4})(/[\x21-\x7e]*)?", re.ASCII)
_MAX_PORT = 65535


class AuthMethod(StrEnum):
    """How a client authenticates, in the words of OpenID Connect Core, section 9."""

    NONE = "none"
    SECRET = "client_secret_basic"  # noqa: S105 - the name of a method
    KEY = "private_key_jwt"
    IN_PROCESS = "in-process"
    """Our own web pages: their codes are redeemed inside the gateway, and at no endpoint can anybody be them."""


def hash_client_secret(sealer: Sealer, secret: str) -> str:
    """How the secret of a client is kept."""
    return sealer.fingerprint(_SECRET_USE, secret)


def is_registered(address: str, registered: Collection[str], *, native: bool) -> bool:
    """Whether this address is among those `registered`, to the letter; for native clients with any loopback port."""
    if address in registered:
        return True
    loopback = _LOOPBACK.fullmatch(address) if native else None
    if loopback is None or int(loopback[2]) > _MAX_PORT:
        return False
    return loopback[1] + (loopback[3] or "") in registered


class OAuthClient:
    """What Authlib wants to know of a client (its `ClientMixin`, without inheriting it)."""

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
        """Whether this redirect is registered, to the letter; for native clients with any loopback port (RFC 8252)."""
        return is_registered(redirect_uri, self.row.redirect_uris, native=self.row.native)

    def check_response_type(self, response_type: str) -> bool:
        """Only codes are given out."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client may use this grant."""
        return grant_type in self.row.grant_types

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scope asked for, when every part of it is known and registered for this client; else None.

        The one that releases the NIK counts as registered with a legal basis on record only.
        """
        names = (scope or "").split()
        if not names or not all(name in SCOPES and name in self.row.scopes for name in names):
            return None
        if RELEASE_SCOPE in names and not self.row.nik_legal_basis:
            return None
        return " ".join(dict.fromkeys(names))

    def check_secret(self, secret: str, at: datetime) -> bool:
        """Whether this is the client's secret, which has not run out."""
        kept, until = self.row.secret_hash, self.row.secret_expires_at
        if kept is None or until is None or until <= at:
            return False
        return hmac.compare_digest(hash_client_secret(self._sealer, secret), kept)
