"""Parsing and verification of compact tokens and their claims (RFC 7515, 7519, 8725)."""

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
"""Latest accepted time in a token, in seconds since 1970. A larger number is a probe."""
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that a JSON escape can express and text cannot contain: zero, and single surrogates."""


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """Header and claims before verification: use them only to choose the issuer and the key."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def read_token(token: str) -> UnverifiedToken:
    """Parse a compact token without verifying it, or raise `TokenRefusedError`.

    Refused here, before any key lookup: more than 8 KiB, padding or another base64 alphabet, repeated members, headers
    that contain a key, and every `crit`, since no extension is supported.
    """
    read = read_compact(token)
    if (REFUSED_HEADERS | {"jwk"}) & read.header.keys():
        raise TokenRefusedError("the token has a header that is not accepted")
    if not (isinstance(read.header.get("alg"), str) and isinstance(read.header.get("kid"), str)):
        raise TokenRefusedError("the token does not name its algorithm and key")
    return read


def read_compact(token: str) -> UnverifiedToken:
    """Parse header and claims of a compact token: at most 8 KiB of UTF-8, without padding or repeated members."""
    if len(token) > MAX_TOKEN_BYTES or not _TOKEN.fullmatch(token):
        raise TokenRefusedError("the token is not a compact signed token")
    head, body, _ = token.split(".")
    return UnverifiedToken(_members(head), _members(body))


def verify(token: str, key: PublicKey, *, algorithms: Collection[str], types: Collection[str]) -> Mapping[str, Any]:
    """Return the claims of a token that `key` signed with one of `algorithms` and whose `typ` is one of `types`.

    `typ` is compared without case, as media types are (RFC 7515). The claims are not checked: see `check_claims`.
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
    """Raise `TokenRefusedError` unless `key` signed `token` with one of `algorithms`."""
    try:
        jws.deserialize_compact(token.encode("ascii"), key._key, registry=_Registry(algorithms=list(algorithms)))
    except BAD_INPUT:
        raise TokenRefusedError("the signature of the token is not valid") from None


class _Registry(jws.JWSRegistry):
    """joserfc's registry, with two changes: a header may contain an RSA key, and `EdDSA` is allowed like other names.

    RFC 9864 deprecates the name `EdDSA` as ambiguous. Here it means Ed25519 alone, since the key's curve decides.
    """

    max_header_length = MAX_TOKEN_BYTES

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - joserfc does not export the type of its algorithms
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


def check_claims(
    claims: Mapping[str, Any], *, issuer: str, audience: str, now: int, leeway: int, required: Collection[str]
) -> None:
    """Check `iss`, `aud`, `exp`, `nbf`, `iat` and the presence of `required`; times in seconds since 1970.

    `iss` and `aud` must equal the given texts. A list of audiences is refused even if ours is in it: a token for two
    audiences can be replayed at the other one.
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
            raise ValueError("a member is repeated")
        return members

    try:
        members = json.loads(urlsafe_b64decode(segment.encode("ascii")).decode(), object_pairs_hook=once)
        # Inside the `try`: a value that can be parsed may still be too deep for the recursive check.
        if not isinstance(members, dict) or not _is_usable(members):
            raise ValueError("not an object of usable texts")
    except BAD_INPUT:
        raise TokenRefusedError("the token cannot be read") from None
    return members


def _is_usable(value: object) -> bool:
    """Whether every text in this JSON value can be encoded as UTF-8 and stored in any database."""
    match value:
        case str():
            return not _UNUSABLE.search(value)
        case dict():
            return all(_is_usable(name) and _is_usable(one) for name, one in value.items())
        case list():
            return all(map(_is_usable, value))
    return True
