"""Tokens of ours that come back to us."""

from collections.abc import Mapping
from typing import Any

from gateway.authentication.jose import TokenRefusedError, read_token, verify
from gateway.oidc.tokens.signing_keys import SigningKeys


async def read_own_token(keys: SigningKeys, text: str) -> Mapping[str, Any] | None:
    """The claims of one of our access tokens, be it expired or revoked; None for anything else."""
    try:
        key = await keys.find(read_token(text).header["kid"])
        return verify(text, key, algorithms={"ES256"}, types={"at+jwt"}) if key else None
    except TokenRefusedError:
        return None


async def read_id_token(keys: SigningKeys, issuer: str, text: str) -> Mapping[str, Any] | None:
    """The claims of one of our ID tokens, be it expired, with a subject and one client as audience; None else."""
    try:
        key = await keys.find(read_token(text).header["kid"])
        claims = verify(text, key, algorithms={"ES256"}, types={"jwt"}) if key else {}
    except TokenRefusedError:
        return None
    usable = claims.get("iss") == issuer and all(isinstance(claims.get(name), str) for name in ("sub", "aud"))
    return claims if usable else None
