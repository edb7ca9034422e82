"""Storage of pushed authorization requests (RFC 9126): stored under a reference, consumed by the answer, once.

A reference belongs to one client. A browser must present it within `REFERENCE_LIFE`; after that the person has as long
to sign in as with any other request. Only the answer, a code or a refusal, consumes the reference, so that the page can
be reloaded before.
"""

import json
import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import update

from gateway.ground.sealing import UnsealError
from gateway.oidc.grants.authlib_server import AuthlibServer
from gateway.oidc.tokens.minting import hash_secret
from gateway.storage.row_locks import changes_one_sync
from gateway.storage.tables.single_use import PushedRequestRow

REFERENCE_LIFE: Final = timedelta(minutes=5)

_URN = "urn:ietf:params:oauth:request_uri:"
_SEAL = "pushed-request"


def new_reference() -> str:
    """Generate a `request_uri` with 256 random bits."""
    return _URN + secrets.token_urlsafe(32)


def store_pushed(server: AuthlibServer, reference: str, parameters: dict[str, str]) -> None:
    """Store the request, sealed; `parameters` contain the client's id and the reference itself."""
    digest = hash_secret(reference)
    row = PushedRequestRow(
        reference_hash=digest,
        client_id=parameters["client_id"],
        parameters_sealed=server.mint.sealer.seal(_SEAL, json.dumps(parameters).encode(), bound_to=digest),
        expires_at=server.mint.clock() + REFERENCE_LIFE,
    )
    server.session.add(row)


def read_pushed(server: AuthlibServer, parameters: dict[str, str]) -> dict[str, str] | None:
    """Return the request of this client's reference; None if it is unknown, used or expired."""
    row = server.session.get(PushedRequestRow, hash_secret(parameters["request_uri"]))
    if row is None or row.client_id != parameters.get("client_id"):
        return None
    if row.used_at is not None or row.expires_at <= server.mint.clock():
        return None
    try:
        plain = server.mint.sealer.unseal(_SEAL, row.parameters_sealed, bound_to=row.reference_hash)
    except UnsealError:
        return None
    return {str(name): str(value) for name, value in json.loads(plain).items()}


def consume_pushed(server: AuthlibServer, parameters: dict[str, str]) -> bool:
    """Consume the request; whether it may be answered: it was not pushed, or has not been answered yet."""
    reference = parameters.get("request_uri")
    if reference is None:
        return True
    used = (
        update(PushedRequestRow)
        .where(PushedRequestRow.reference_hash == hash_secret(reference), PushedRequestRow.used_at.is_(None))
        .values(used_at=server.mint.clock())
    )
    return changes_one_sync(server.session, used)
