"""Reading of tokens that this provider has issued."""

from collections.abc import Mapping
from typing import Any

from gateway.authentication.jose import TokenRefusedError, read_token, verify
from gateway.oidc.tokens.signing_keys import SigningKeys


async def read_own_token(keys: SigningKeys, text: str) -> Mapping[str, Any] | None:
    """Return the claims of one of our access tokens, even if expired or revoked; None for any other text."""
    try:
        key = await keys.find(read_token(text).header["kid"])
        return verify(text, key, algorithms={"ES256"}, types={"at+jwt"}) if key else None
    except TokenRefusedError:
        return None


async def read_id_token(keys: SigningKeys, issuer: str, text: str) -> Mapping[str, Any] | None:
    """Return the claims of one of our ID tokens, even if expired; None for any other text.

    The token must have a subject, and one client as audience.
    """
    try:
        key = await keys.find(read_token(text).header["kid"])
        claims = verify(text, key, algorithms={"ES256"}, types={"jwt"}) if key else {}
    except TokenRefusedError:
        return None
    usable = claims.get("iss") == issuer and all(isinstance(claims.get(name), str) for name in ("sub", "aud"))
    return claims if usable else None
