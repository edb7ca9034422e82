"""Reading, verifying and judging compact tokens (RFC 7515, 7519, 8725)."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError, UnsupportedAlgorithmError
from joserfc.util import urlsafe_b64decode

from gateway.authentication.jose.errors import BAD_INPUT, TokenExpiredError, TokenRefusedError
from gateway.authentication.jose.keys import PublicKey

MAX_TOKEN_BYTES = 8192

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
REFUSED_HEADERS = frozenset({"crit", "jku", "x5u", "x5c", "b64", "cty", "enc", "zip"})
_LATEST = 1 << 40
"""No moment in a token lies beyond this second since 1970; larger numbers are somebody probing."""
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
"""What JSON can name by an escape and no text is made of: zero, and halves of characters."""


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token says of itself: good for choosing issuer and key, and for nothing else."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def read_token(token: str) -> UnverifiedToken:
    """Read a compact token without believing it, or raise `TokenRefusedError`.

    Refused here, before any key is looked for: more than 8 KiB, padding and other base64, repeated members, headers
    that bring a key of their own, and every `crit`, as we know no extension.
    """
    read = read_compact(token)
    if (REFUSED_HEADERS | {"jwk"}) & read.header.keys():
        raise TokenRefusedError("the token has a header that is not accepted")
    if not (isinstance(read.header.get("alg"), str) and isinstance(read.header.get("kid"), str)):
        raise TokenRefusedError("the token does not name its algorithm and key")
    return read


def read_compact(token: str) -> UnverifiedToken:
    """The two readable parts of a compact token: at most 8 KiB of UTF-8, without padding or repeated members."""
    if len(token) > MAX_TOKEN_BYTES or not _TOKEN.fullmatch(token):
        raise TokenRefusedError("the token is not a compact signed token")
    head, body, _ = token.split(".")
    return UnverifiedToken(_members(head), _members(body))


def verify(token: str, key: PublicKey, *, algorithms: Collection[str], types: Collection[str]) -> Mapping[str, Any]:
    """The claims of a token that `key` signed with one of `algorithms` and whose `typ` is one of `types`.

    `typ` is compared without case, as media types are (RFC 7515). The claims are not judged: see `check_claims`.
    """
    unverified = read_token(token)
    header = unverified.header
    usable = key.algorithms & frozenset(algorithms)
    if header["alg"] not in usable or header["kid"] != key.kid:
        raise TokenRefusedError("the token is signed with an algorithm or key that is not accepted")
    if str(header.get("typ", "")).lower() not in types:
        raise TokenRefusedError("the token is of another type")
    check_signature(token, key, usable)
    return unverified.claims


def check_signature(token: str, key: PublicKey, algorithms: Collection[str]) -> None:
    """Whether `key` made the signature of `token` with one of `algorithms`; else `TokenRefusedError`."""
    try:
        jws.deserialize_compact(token.encode("ascii"), key._key, registry=_Registry(algorithms=list(algorithms)))
    except BAD_INPUT:
        raise TokenRefusedError("the signature of the token is not valid") from None


class _Registry(jws.JWSRegistry):
    """joserfc's own, but that a header may hold an RSA key, and that `EdDSA` is a name like any other.

    RFC 9864 finds that name too vague; here it stands for Ed25519 alone, since the key's curve decides.
    """

    max_header_length = MAX_TOKEN_BYTES

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - joserfc does not export the type of its algorithms
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


def check_claims(
    claims: Mapping[str, Any], *, issuer: str, audience: str, now: int, leeway: int, required: Collection[str]
) -> None:
    """Judge `iss`, `aud`, `exp`, `nbf`, `iat` and the presence of `required`; times in seconds since 1970.

    `iss` and `aud` must be equal to ours as text: a list of audiences is refused, even when ours is among them, as a
    token for two audiences can be carried from one to the other.
    """
    if claims.get("iss") != issuer:
        raise TokenRefusedError("the token is of another issuer")
    if claims.get("aud") != audience:
        raise TokenRefusedError("the token is for another audience")
    for name in {"exp", "iat"} | ({"nbf"} & claims.keys()):
        moment = claims.get(name)
        if isinstance(moment, bool) or not isinstance(moment, int) or not 0 <= moment < _LATEST:
            raise TokenRefusedError("the token has no usable times")
    options = {name: jwt.ClaimsOption(essential=True) for name in {"iss", "aud", "exp", "iat", *required}}
    try:
        jwt.JWTClaimsRegistry(now=now, leeway=leeway, **options).validate(dict(claims))
    except ExpiredTokenError:
        raise TokenExpiredError("the token has expired") from None
    except JoseError:
        raise TokenRefusedError("the token lacks a claim or is not valid yet") from None


def _members(segment: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a member stands twice")
        return members

    try:
        members = json.loads(urlsafe_b64decode(segment.encode("ascii")).decode(), object_pairs_hook=once)
        # In here too: what is not nested too deeply to be parsed may be so to be looked through.
        if not isinstance(members, dict) or not _is_usable(members):
            raise ValueError("no object of usable texts")
    except BAD_INPUT:
        raise TokenRefusedError("the token cannot be read") from None
    return members


def _is_usable(value: object) -> bool:
    """Whether every text in this JSON value can be written in UTF-8 and looked up in any database."""
    match value:
        case str():
            return not _UNUSABLE.search(value)
        case dict():
            return all(_is_usable(name) and _is_usable(one) for name, one in value.items())
        case list():
            return all(map(_is_usable, value))
    return True
