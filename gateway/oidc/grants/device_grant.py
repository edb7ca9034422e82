"""The device code grant: a device polls for its tokens until a person has decided (RFC 8628, section 3.4)."""

from datetime import timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    BaseGrant,
    InvalidGrantError,
    InvalidRequestError,
    TokenEndpointMixin,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc8628 import AuthorizationPendingError, ExpiredTokenError, SlowDownError
from sqlalchemy import update

from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest
from gateway.oidc.tokens.minting import hash_secret
from gateway.storage.row_locks import changes_one_sync
from gateway.storage.tables.devices import DeviceRequestRow
from gateway.storage.tables.grants import GrantRow

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
SLOW_DOWN_SECONDS: Final = 5
"""Seconds added to a device's interval each time it polls too soon."""


class DeviceGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib ships no types
    """Issues tokens to a device once a person has allowed it. One atomic update consumes the device code."""

    GRANT_TYPE = DEVICE_GRANT

    server: AuthlibServer
    request: CheckedRequest

    def validate_token_request(self) -> None:
        """Load the device's request; while it has no grant, raise the error of RFC 8628, section 3.5."""
        self.request.client = client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(DEVICE_GRANT):
            raise UnauthorizedClientError
        code = self.request.form.get("device_code")
        if not code:
            raise InvalidRequestError("The device_code is missing.")
        row = self.server.session.get(DeviceRequestRow, hash_secret(code))
        if row is None or row.client_id != client.row.id:
            raise InvalidGrantError
        if row.denied_at is not None:
            raise AccessDeniedError
        if row.grant_id is None:
            self._raise_pending(row)
        self.request.device = row

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Consume the device code and build the token response; a second use revokes the grant of the first."""
        row: DeviceRequestRow = self.request.device
        server, at = self.server, self.server.mint.clock()
        grant = server.session.get_one(GrantRow, row.grant_id)
        used = (
            update(DeviceRequestRow)
            .where(DeviceRequestRow.code_hash == row.code_hash, DeviceRequestRow.used_at.is_(None))
            .where(DeviceRequestRow.expires_at > at)
            .values(used_at=at)
        )
        if not changes_one_sync(server.session, used):
            if row.expires_at <= at and row.used_at is None:
                raise ExpiredTokenError
            server.revoke_grant(grant.id)
            raise InvalidGrantError
        if server.active_account(grant) is None:
            raise InvalidGrantError
        body = server.issue(self.request, grant, grant.scopes, nonce=None, with_id_token=True)
        return 200, body, self.TOKEN_RESPONSE_HEADER

    def _raise_pending(self, row: DeviceRequestRow) -> None:
        at = self.server.mint.clock()
        if row.expires_at <= at:
            raise ExpiredTokenError
        too_soon = row.polled_at is not None and at < row.polled_at + timedelta(seconds=row.interval)
        row.polled_at = at
        if too_soon:
            row.interval += SLOW_DOWN_SECONDS
            raise SlowDownError
        raise AuthorizationPendingError
