"""Access tokens that come back to whoever gave them out."""

from collections.abc import Mapping
from typing import Any

from gateway.jose import TokenRefusedError, read_token, verify
from gateway.provider.keys import SigningKeys


async def read_own_token(keys: SigningKeys, text: str) -> Mapping[str, Any] | None:
    """The claims of one of our access tokens, be it expired or revoked; None for anything else."""
    try:
        key = await keys.find(read_token(text).header["kid"])
        return verify(text, key, algorithms={"ES256"}, types={"at+jwt"}) if key else None
    except TokenRefusedError:
        return None
