"""`id_token_hint`: an ID token that a client sends back to identify the person.

Used at the authorization endpoint (OpenID Connect Core, 3.1.2.1) and at the logout endpoint.
"""

from dataclasses import dataclass

from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.tokens.own_tokens import read_id_token
from gateway.storage.tables.accounts import SubjectLinkRow
from gateway.storage.tables.clients import ClientRow


@dataclass(frozen=True, slots=True)
class Hint:
    """The content of a hint: the client that the ID token was issued to, the account, and the sign-in (`sid`)."""

    client: ClientRow
    account_id: str
    session: str | None


async def read_hint(deps: ProviderDependencies, text: str, client_id: str | None) -> Hint | None:
    """Read a hint; None unless it is an ID token of ours, expired or not, issued to an active client.

    With `client_id`, only a token of that client is accepted.
    """
    claims = await read_id_token(deps.keys, deps.issuer, text)
    if claims is None or client_id not in {None, claims["aud"]}:
        return None
    async with deps.database.session() as session:
        client = await session.get(ClientRow, claims["aud"])
        link = await session.get(SubjectLinkRow, (deps.issuer, claims["sub"]))
    if client is None or link is None or link.sector != client.sector or not client.is_active(deps.clock()):
        return None
    named = claims.get("sid")
    return Hint(client, link.account_id, named if isinstance(named, str) else None)
