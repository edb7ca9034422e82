"""Endpoints that external providers call: back-channel logout, and the keys by which we authenticate there."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.authentication.jose import TokenRefusedError
from gateway.identity.sign_in_end import end_sign_ins
from gateway.oidc.dependencies import NO_STORE, Handler, ProviderDependencies, oauth_error
from gateway.oidc.external.broker import Broker
from gateway.oidc.external.issuers import BROKER_PATH
from gateway.oidc.external.validation import LEEWAY_SECONDS, OLDEST_SECONDS, LogoutClaims
from gateway.oidc.grants.parameters import ParametersRefusedError, read_fields, read_form
from gateway.oidc.interaction.external_redirect import requested_party, require_broker
from gateway.storage.single_use import is_first_use_async
from gateway.storage.tables.accounts import SubjectLinkRow
from gateway.storage.tables.sessions import LoginSessionRow

log = logging.getLogger(__name__)

_USE: Final = "logout-token"
_STORED_FOR: Final = timedelta(seconds=OLDEST_SECONDS + 2 * LEEWAY_SECONDS)


async def end_session(deps: ProviderDependencies, request: Request) -> Response:
    """Handle a logout token (OpenID Connect Back-Channel Logout 1.0): end the sign-ins that it names, in every app."""
    party = requested_party(deps, request)
    try:
        fields = read_fields(await read_form(request), frozenset({"logout_token"}))
        logout = await party.logout(fields.get("logout_token", ""))
    except ParametersRefusedError as refusal:
        return oauth_error("invalid_request", str(refusal))
    except TokenRefusedError as refusal:
        log.warning("logout token refused", extra={"system": request.path_params["name"], "reason": str(refusal)})
        return oauth_error("invalid_request", "The logout token is not acceptable.")
    if not await _end_sign_ins(deps, require_broker(deps), party.settings.issuer, logout):
        return oauth_error("invalid_request", "The logout token was used before.")
    return Response(status_code=200, headers=NO_STORE)


async def own_keys(deps: ProviderDependencies, _request: Request) -> Response:
    """Publish the keys by which we authenticate at providers."""
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    document = await require_broker(deps).keys.document()
    return JSONResponse(document, headers=headers, media_type="application/jwk-set+json")


async def _end_sign_ins(deps: ProviderDependencies, broker: Broker, issuer: str, logout: LogoutClaims) -> bool:
    stored_until = datetime.fromtimestamp(logout.issued_at, UTC) + _STORED_FOR
    async with deps.database.session() as session:
        if not await is_first_use_async(session, _USE, issuer, logout.jti, stored_until):
            return False
        ended = set((await session.scalars(_select_sign_ins(broker, issuer, logout))).all())
        await end_sign_ins(session, ended, deps.clock())
    if ended:
        deps.logout_notifier.wake()
    return True


def _select_sign_ins(broker: Broker, issuer: str, logout: LogoutClaims) -> Select[str]:
    """Select the sign-ins of the named session, or all of the subject's sign-ins if no session is named."""
    mine = select(LoginSessionRow.session_id).where(LoginSessionRow.issuer == issuer)
    if logout.session is not None:
        mine = mine.where(LoginSessionRow.issuer_session == broker.session_fingerprint(issuer, logout.session))
    if logout.subject is not None:
        owner = select(SubjectLinkRow.account_id).where(
            SubjectLinkRow.issuer == issuer, SubjectLinkRow.sub == logout.subject
        )
        mine = mine.where(LoginSessionRow.account_id.in_(owner))
    return mine


BROKER_CALLS: Final[Sequence[tuple[str, str, Handler]]] = (
    ("GET", "/oauth2/client-jwks", own_keys),
    ("POST", f"{BROKER_PATH}/{{name}}/logout", end_session),
)
"""Method, path and handler of each endpoint."""
