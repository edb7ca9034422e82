"""`/oauth2/link`: an application sends the code that a signed-in user has entered there, to link two accounts."""

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.responses import JSONResponse, Response

from gateway.identity.legacy_account_links import LONGEST_NAME
from gateway.oidc.dependencies import NO_STORE, ProviderDependencies, oauth_error
from gateway.oidc.endpoints.client_calls import ClientCall, http_response
from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest, GrantResponse, PresentedCredentials

LINK_PARAMETERS = frozenset({"code", "account", "client_id"})


async def link(deps: ProviderDependencies, call: ClientCall) -> Response:
    """Link the account that the code was issued for to the `account` there, once; else `invalid_grant`."""
    code, account = call.parameters.get("code"), call.parameters.get("account", "").strip()
    if code is None or not 0 < len(account) <= LONGEST_NAME:
        return oauth_error("invalid_request", "The code, or the name of the account, is missing.")
    client_id = await deps.grants.run(confidential_client, call.parameters, call.credentials)
    if isinstance(client_id, GrantResponse):
        return http_response(client_id)
    if not await deps.accounts.links.finish(client_id, code, account):
        return oauth_error("invalid_grant", "The code is not valid, or that account is linked to another person.")
    return JSONResponse({"linked": True}, headers=NO_STORE)


def confidential_client(
    server: AuthlibServer, parameters: dict[str, str], credentials: PresentedCredentials
) -> str | GrantResponse:
    """Return the id of the authenticated calling client, or the refusal."""
    request = CheckedRequest("POST", f"{server.mint.issuer}/oauth2/link", parameters, credentials)
    try:
        client = server.authenticate_confidential(request)
    except OAuth2Error as error:
        return server.handle_response(*error())
    client_id: str = client.row.id
    return client_id
