"""Device sign-ins (RFC 8628): requested by a device, allowed or denied once by a person.

A user code is short enough to type, so guesses are counted where it is typed. A device code has 256 random bits.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Update, select, update

from gateway.oidc.grants.authlib_server import AuthlibServer, SignIn
from gateway.oidc.grants.consents import record_consents
from gateway.oidc.tokens.minting import hash_secret
from gateway.storage.row_locks import changes_one_sync
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.devices import DeviceRequestRow

DEVICE_PATH: Final = "/oauth2/device"
"""The page at which a person types the code that the device shows."""
LIFE: Final = timedelta(minutes=10)
INTERVAL: Final = 5
"""Seconds between two polls of a device."""

# No vowels, so that codes form no words; no characters that look alike (RFC 8628, section 6.1).
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_HALF: Final = 4
_NOT_A_CODE_CHARACTER = re.compile(r"[^A-Z0-9]")
_MAX_TYPED: Final = 32


@dataclass(frozen=True, slots=True)
class PendingDevice:
    """A device request that waits for a decision: client, scopes, and time of the request.

    `legal_basis` is the law under which the client may receive the NIK, if it may.
    """

    code_hash: str
    client_id: str
    titles: dict[str, str]
    scopes: tuple[str, ...]
    since: datetime
    legal_basis: str | None = None


def new_user_code() -> str:
    """Generate a user code: eight letters in two halves, easy to read out; about 35 bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(2 * _HALF))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def normalise_user_code(typed: str) -> str:
    """Normalise a typed user code to the form on the device's screen: capitals, in two halves."""
    letters = _NOT_A_CODE_CHARACTER.sub("", typed[:_MAX_TYPED].upper())
    return f"{letters[:_HALF]}-{letters[_HALF:]}" if letters else ""


def store_device_request(server: AuthlibServer, client: ClientRow, scopes: list[str]) -> tuple[str, str]:
    """Store a device's request; return its device code and user code."""
    device_code, user_code, at = secrets.token_urlsafe(32), new_user_code(), server.mint.clock()
    server.session.add(
        DeviceRequestRow(
            code_hash=hash_secret(device_code),
            user_code=_fingerprint(server, user_code),
            client_id=client.id,
            scopes=scopes,
            created_at=at,
            expires_at=at + LIFE,
            interval=INTERVAL,
        )
    )
    return device_code, user_code


def find_pending_device(server: AuthlibServer, typed: str) -> PendingDevice | None:
    """Return the undecided request with this typed user code."""
    row = server.session.scalar(
        select(DeviceRequestRow).where(DeviceRequestRow.user_code == _fingerprint(server, typed))
    )
    if row is None or row.grant_id or row.denied_at or row.expires_at <= server.mint.clock():
        return None
    client = server.query_client(row.client_id)
    if client is None:
        return None
    titles = {"id": client.row.title_id, "en": client.row.title_en}
    return PendingDevice(
        row.code_hash, row.client_id, titles, tuple(row.scopes), row.created_at, client.row.nik_legal_basis
    )


def allow_device(server: AuthlibServer, pending: PendingDevice, sign_in: SignIn) -> bool:
    """Allow the device's request and store the consent; False if it was decided or expired before."""
    client, at = server.session.get_one(ClientRow, pending.client_id), server.mint.clock()
    grant = server.open_grant(client, sign_in, " ".join(pending.scopes))
    if not changes_one_sync(server.session, _undecided(server, pending).values(grant_id=grant.id)):
        server.revoke_grant(grant.id)
        return False
    record_consents(server.session, sign_in.account_id, client.id, grant.scopes, at)
    return True


def deny_device(server: AuthlibServer, pending: PendingDevice) -> bool:
    """Deny the device's request; False if it was decided or expired before."""
    return changes_one_sync(server.session, _undecided(server, pending).values(denied_at=server.mint.clock()))


def _undecided(server: AuthlibServer, pending: PendingDevice) -> Update:
    return update(DeviceRequestRow).where(
        DeviceRequestRow.code_hash == pending.code_hash,
        DeviceRequestRow.grant_id.is_(None),
        DeviceRequestRow.denied_at.is_(None),
        DeviceRequestRow.expires_at > server.mint.clock(),
    )


def _fingerprint(server: AuthlibServer, typed: str) -> str:
    return server.mint.sealer.fingerprint("user-code", normalise_user_code(typed))
