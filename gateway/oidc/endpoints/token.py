"""The token, revocation and userinfo endpoints."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.authentication.bearer import Authenticator, require
from gateway.authentication.dpop import ProofRefusedError
from gateway.authentication.errors import InsufficientScopeError, SignInError, WrongCallerError
from gateway.oidc.dependencies import NO_STORE, Endpoint, ProviderDependencies, oauth_error
from gateway.oidc.endpoints.client_calls import ClientCall, http_response, proof_refused, proven_thumbprint
from gateway.oidc.grants.authlib_server import VerifiedProofs
from gateway.oidc.grants.revocation import revoke
from gateway.oidc.grants.service import token
from gateway.oidc.tokens.own_tokens import read_own_token
from gateway.storage.tables.accounts import AccountRow


async def issue_token(deps: ProviderDependencies, call: ClientCall) -> Response:
    """`/oauth2/token`."""
    try:
        thumbprint = await proven_thumbprint(deps, call)
    except ProofRefusedError as refusal:
        return proof_refused(deps, refusal)
    subject = call.parameters.get("subject_token")
    proofs = VerifiedProofs(thumbprint, await read_own_token(deps.keys, subject) if subject else None)
    return http_response(await deps.grants.run(token, call.parameters, call.credentials, proofs))


async def revoke_token(deps: ProviderDependencies, call: ClientCall) -> Response:
    """`/oauth2/revoke` (RFC 7009): revoke the whole grant of a person's token, or a machine's token itself."""
    if "token" not in call.parameters:
        return oauth_error("invalid_request", "The token is missing.")
    claims = await read_own_token(deps.keys, call.parameters["token"])
    return http_response(await deps.grants.run(revoke, call.parameters, call.credentials, claims))


def userinfo(deps: ProviderDependencies, authenticator: Authenticator) -> Endpoint:
    """Build `/oauth2/userinfo`: subject and roles; with `profile.read` also name and language.

    `account` is the person's account at the client itself, if it was linked.
    """

    async def answer(request: Request) -> Response:
        try:
            principal = require(await authenticator.caller(request), {"openid"})
        except SignInError as refusal:
            status = 403 if isinstance(refusal, InsufficientScopeError | WrongCallerError) else 401
            return JSONResponse({"error": refusal.error or "invalid_token"}, status, {**NO_STORE, **refusal.headers})
        claims: dict[str, object] = {"sub": principal.subject, "roles": sorted(principal.roles)}
        if principal.agency:
            claims["agency"] = principal.agency
        if principal.region:
            claims["region"] = principal.region
        if "profile.read" in principal.scopes:
            async with deps.database.session() as session:
                account = await session.get_one(AccountRow, principal.account_id)
            claims |= {"name": account.display_name, "locale": account.locale}
        linked = await deps.accounts.links.local(principal.account_id, principal.client_id)
        if linked is not None:
            claims["account"] = linked
        return JSONResponse(claims, headers=NO_STORE)

    return answer
