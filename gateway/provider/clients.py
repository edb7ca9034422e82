"""The endpoints that clients call themselves: token, revocation, userinfo."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.jose import TokenRefusedError, read_token, verify
from gateway.provider.flow import revoke, token
from gateway.provider.guard import TOKEN_PARAMETERS, ParametersRefusedError, read_basic, read_form, read_parameters
from gateway.provider.machine import Answer
from gateway.provider.parts import NO_STORE, Endpoint, Parts, oauth_error
from gateway.sso.bearer import Authenticator, require
from gateway.sso.errors import InsufficientScopeError, SignInError
from gateway.storage.tables.identity import Account

_BASIC = {"WWW-Authenticate": 'Basic realm="gerbang"'}


class BasicRefusedError(Exception):
    """The client authentication is not readable."""


async def give_token(parts: Parts, request: Request) -> Response:
    """`/oauth2/token`."""
    try:
        parameters, basic = await _read(request)
    except ParametersRefusedError as refusal:
        return oauth_error("invalid_request", str(refusal))
    except BasicRefusedError:
        return _not_a_client()
    return _spoken(await parts.grants.run(token, parameters, basic))


async def revoke_token(parts: Parts, request: Request) -> Response:
    """`/oauth2/revoke` (RFC 7009): ends the whole grant that the token came from."""
    try:
        parameters, basic = await _read(request)
    except ParametersRefusedError as refusal:
        return oauth_error("invalid_request", str(refusal))
    except BasicRefusedError:
        return _not_a_client()
    if "token" not in parameters:
        return oauth_error("invalid_request", "The token is missing.")
    grant_id = await _grant_of(parts, parameters["token"])
    return _spoken(await parts.grants.run(revoke, parameters, basic, grant_id))


def userinfo(parts: Parts, authenticator: Authenticator) -> Endpoint:
    """`/oauth2/userinfo`: the subject and roles; with `profile.read` also name and language."""

    async def answer(request: Request) -> Response:
        try:
            principal = require(await authenticator.caller(request), {"openid"})
        except SignInError as refusal:
            status = 403 if isinstance(refusal, InsufficientScopeError) else 401
            return JSONResponse({"error": refusal.error or "invalid_token"}, status, {**NO_STORE, **refusal.headers})
        claims: dict[str, object] = {"sub": principal.subject, "roles": sorted(principal.roles)}
        if principal.agency:
            claims["agency"] = principal.agency
        if principal.region:
            claims["region"] = principal.region
        if "profile.read" in principal.scopes:
            async with parts.database.session() as session:
                account = await session.get_one(Account, principal.account_id)
            claims |= {"name": account.display_name, "locale": account.locale}
        return JSONResponse(claims, headers=NO_STORE)

    return answer


async def _read(request: Request) -> tuple[dict[str, str], tuple[str, str] | None]:
    basic = _basic(request.headers)
    return read_parameters(await read_form(request), TOKEN_PARAMETERS), basic


def _basic(headers: Headers) -> tuple[str, str] | None:
    given = headers.getlist("authorization")
    try:
        return read_basic(given[0] if len(given) == 1 else ",".join(given) or None)
    except ParametersRefusedError:
        raise BasicRefusedError from None


async def _grant_of(parts: Parts, text: str) -> str | None:
    """The grant that one of our access tokens names, be it expired; None for anything else."""
    try:
        key = await parts.keys.find(read_token(text).header["kid"])
        claims = verify(text, key, algorithms={"ES256"}, types={"at+jwt"}) if key else {}
    except TokenRefusedError:
        return None
    grant = claims.get("grant")
    return grant if isinstance(grant, str) else None


def _spoken(answer: Answer) -> Response:
    headers = {name: value for name, value in answer.headers if name.lower() == "www-authenticate"}
    return JSONResponse(answer.body, answer.status, {**NO_STORE, **headers})


def _not_a_client() -> Response:
    response = oauth_error("invalid_client", "Client authentication failed.", 401)
    response.headers.update(_BASIC)
    return response
