"""`private_key_jwt`: client authentication by a signed assertion.

Sources: RFC 7523, OpenID Connect Core (section 9), FAPI 2.0 Security Profile (5.3.2.1: the audience is the issuer).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.authentication.access_tokens import LEEWAY_SECONDS
from gateway.authentication.jose import TokenRefusedError, check_claims, read_token, verify
from gateway.ground.clock import Clock
from gateway.oidc.clients.client_keys import ClientKeys
from gateway.storage.engine import Database
from gateway.storage.tables.clients import ClientRow

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS: Final = ("PS256", "ES256", "ES512", "Ed25519", "EdDSA")
"""Ed25519 has two names: its own (RFC 9864), and the older `EdDSA`, which is accepted here for that curve only."""

_LONGEST = timedelta(minutes=5)
_MAX_ID = 64
_MAX_JTI = 256
_TYPES = frozenset({"", "jwt", "client-authentication+jwt"})
"""Accepted `typ` values; a token of any other type was made for another purpose."""


@dataclass(frozen=True, slots=True)
class ClientAssertion:
    """An assertion that `client_id` has signed. It is valid once; the user of it must check its `jti`.

    From `refused_from` on the assertion has expired.
    """

    client_id: str
    jti: str
    refused_from: datetime


class ClientAssertions:
    """Verifies assertions whose audience is `issuer`."""

    def __init__(self, issuer: str, database: Database, keys: ClientKeys, clock: Clock) -> None:
        self._issuer = issuer
        self._database = database
        self._keys = keys
        self._clock = clock

    async def verify_assertion(self, text: str) -> ClientAssertion:
        """Return the verified assertion, or raise `TokenRefusedError`."""
        unverified = read_token(text)
        client_id = _claimed_id(unverified.claims.get("iss"))
        if unverified.header["alg"] not in ASSERTION_ALGORITHMS or client_id is None:
            raise TokenRefusedError("the algorithm or issuer of the assertion is not acceptable")
        async with self._database.session() as session:
            client = await session.get(ClientRow, client_id)
        key = await self._keys.find(client, unverified.header["kid"]) if client else None
        if key is None:
            raise TokenRefusedError("the assertion is of an unknown client or key")
        claims = verify(text, key, algorithms=ASSERTION_ALGORITHMS, types=_TYPES)
        return self._check(client_id, claims)

    def _check(self, client_id: str, claims: Mapping[str, Any]) -> ClientAssertion:
        now = self._clock()
        check_claims(
            claims,
            issuer=client_id,
            audience=self._issuer,
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            required=("sub", "jti"),
        )
        jti = claims["jti"]
        if claims["sub"] != client_id or not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI:
            raise TokenRefusedError("the assertion has a claim of the wrong form")
        refused_from = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=LEEWAY_SECONDS + 1)
        if refused_from - now > _LONGEST + timedelta(seconds=2 * LEEWAY_SECONDS + 1):
            raise TokenRefusedError("the lifetime of the assertion is too long")
        return ClientAssertion(client_id, jti, refused_from)


def _claimed_id(claimed: object) -> str | None:
    """Return the claimed id if it has the form of a client id; any other text may not be safe to look up."""
    usable = isinstance(claimed, str) and len(claimed) <= _MAX_ID and claimed.isascii() and claimed.isprintable()
    return str(claimed) if usable else None
