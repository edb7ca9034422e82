"""One-time login tickets (W3): made after a sign-in, redeemed by the application, server to server."""

import secrets
from datetime import timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749 import OAuth2Error

from gateway.authentication.errors import SignInError
from gateway.authentication.principals import PrincipalResolver
from gateway.identity.legacy_account_links import local_name
from gateway.oidc.apps.identity import identity
from gateway.oidc.grants.authlib_server import (
    AuthlibServer,
    CheckedRequest,
    GrantResponse,
    PresentedCredentials,
    client_refused,
)
from gateway.oidc.sessions.web_login import RedeemedCode
from gateway.oidc.tokens.minting import hash_secret
from gateway.storage.row_locks import consume
from gateway.storage.tables.account_links import AccountLinkRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.legacy_apps import LegacyAppRow, LoginTicketRow

TICKET_LIFE: Final = timedelta(seconds=60)
TICKET_PARAMETERS: Final = frozenset({"ticket", "client_id"})


def new_ticket(server: AuthlibServer, client_id: str, redeemed: RedeemedCode) -> str:
    """Make a ticket for a person who has just signed in."""
    ticket = secrets.token_urlsafe(32)
    server.session.add(
        LoginTicketRow(
            ticket_hash=hash_secret(ticket),
            client_id=client_id,
            grant_id=redeemed.grant_id,
            subject=redeemed.subject,
            expires_at=server.mint.clock() + TICKET_LIFE,
        )
    )
    return ticket


def redeem_ticket(
    server: AuthlibServer, people: PrincipalResolver, parameters: dict[str, str], credentials: PresentedCredentials
) -> GrantResponse:
    """Return the identity behind a ticket, once, to the application that it was made for; else `invalid_grant`."""
    request = CheckedRequest("POST", f"{server.mint.issuer}/oauth2/ticket", parameters, credentials)
    try:
        client = server.authenticate_confidential(request)
        if server.session.get(LegacyAppRow, client.row.id) is None:
            raise client_refused()
    except OAuth2Error as error:
        return server.handle_response(*error())
    claims = _redeem(server, people, client.row.id, parameters["ticket"])
    if claims is None:
        return GrantResponse(
            400, {"error": "invalid_grant", "error_description": "The ticket is not valid, or has expired."}, ()
        )
    return GrantResponse(200, claims, ())


def _redeem(server: AuthlibServer, people: PrincipalResolver, client_id: str, ticket: str) -> dict[str, Any] | None:
    session = server.session
    row = consume(
        session,
        LoginTicketRow,
        hash_secret(ticket),
        client_id=client_id,
        now=server.mint.clock(),
        revoke=server.revoke_grant,
    )
    if row is None:
        return None
    grant = session.get_one(GrantRow, row.grant_id)
    account = server.active_account(grant)
    if account is None:
        return None
    try:
        principal = people.for_grant(account, grant, subject=row.subject, number=row.ticket_hash[:32])
    except SignInError:
        return None
    linked = session.get(AccountLinkRow, (account.id, client_id))
    local = {"account": local_name(server.mint.sealer, linked)} if linked else {}
    return {"iss": server.mint.issuer, "aud": client_id, **identity(principal, account.display_name), **local}
