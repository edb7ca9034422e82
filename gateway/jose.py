"""Signing and verifying JSON Web Tokens: the one module that knows joserfc, and the key policy that goes with it.

joserfc is sound, but it leaves to its caller what is decided here: which algorithms (always a list of ours, never the
token's word), which keys (no RSA under 2048 bits, nothing symmetric), which headers (none that brings a key of its own
or demands an extension), how large, and that claims are checked at all. Sources: RFC 7515, 7517, 7518, 7519, 8725.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast

from joserfc import jwk, jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.util import urlsafe_b64decode

MAX_TOKEN_BYTES = 8192
MAX_KEYS = 64

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_REFUSED_HEADERS = frozenset({"crit", "jwk", "jku", "x5u", "x5c", "b64", "cty", "enc", "zip"})
_MIN_RSA_BITS, _MAX_RSA_BITS = 2048, 8192
_CURVES = {"P-256": {"ES256"}, "P-384": {"ES384"}, "P-521": {"ES512"}, "Ed25519": {"EdDSA", "Ed25519"}}
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_LATEST = 1 << 40
"""No moment in a token lies beyond this second since 1970; larger numbers are somebody probing."""

# What joserfc, json and cryptography raise for input that is not what it claims to be.
_BAD_INPUT = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


class TokenRefusedError(ValueError):
    """The token, or the key, is not acceptable. The message is a fixed sentence without anything of the token."""


class TokenExpiredError(TokenRefusedError):
    """The token was good once."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies: only for `algorithms`, only tokens that name its `kid`."""

    kid: str
    algorithms: frozenset[str]
    _key: jwk.Key = field(repr=False)

    def document(self) -> dict[str, Any]:
        """The public JWK."""
        return dict(self._key.as_dict(private=False))


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key of ours that signs with ES256; its `kid` is its thumbprint (RFC 7638)."""

    kid: str
    _key: jwk.ECKey = field(repr=False)

    ALGORITHM = "ES256"

    @classmethod
    def generate(cls) -> Self:
        """A new key pair."""
        return cls._of(jwk.ECKey.generate_key("P-256"))

    @classmethod
    def read(cls, content: bytes) -> Self:
        """The key that `content()` gave."""
        return cls._of(jwk.ECKey.import_key(json.loads(content)))

    @classmethod
    def _of(cls, key: jwk.ECKey) -> Self:
        named = jwk.ECKey.import_key(
            cast("Any", key.as_dict(private=True)), {"kid": key.thumbprint(), "use": "sig", "alg": cls.ALGORITHM}
        )
        return cls(kid=key.thumbprint(), _key=named)

    def content(self) -> bytes:
        """The private JWK as JSON; to be sealed before it is kept anywhere."""
        return json.dumps(self._key.as_dict(private=True)).encode()

    def public(self) -> PublicKey:
        """The half that verifies."""
        document = self._key.as_dict(private=False)
        return PublicKey(self.kid, frozenset({self.ALGORITHM}), jwk.ECKey.import_key(cast("Any", document)))

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """A signed token with `typ` and `kid` in its header."""
        header = {"alg": self.ALGORITHM, "kid": self.kid, "typ": typ}
        return jwt.encode(header, dict(claims), self._key, [self.ALGORITHM])


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says of itself: good for choosing issuer and key, and for nothing else."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def read_token(token: str) -> Unverified:
    """Read a compact token without believing it, or raise `TokenRefusedError`.

    Refused here, before any key is looked for: more than 8 KiB, padding and other base64, repeated members, headers
    that bring a key of their own, and every `crit`, as we know no extension.
    """
    if len(token) > MAX_TOKEN_BYTES or not _TOKEN.fullmatch(token):
        raise TokenRefusedError("the access token is not a compact signed token")
    head, body, _ = token.split(".")
    header, claims = _members(head), _members(body)
    if _REFUSED_HEADERS & header.keys():
        raise TokenRefusedError("the access token has a header that is not accepted")
    if not (isinstance(header.get("alg"), str) and isinstance(header.get("kid"), str)):
        raise TokenRefusedError("the access token does not name its algorithm and key")
    return Unverified(header, claims)


def verify(token: str, key: PublicKey, *, algorithms: Collection[str], types: Collection[str]) -> Mapping[str, Any]:
    """The claims of a token that `key` signed with one of `algorithms` and whose `typ` is one of `types`.

    `typ` is compared without case, as media types are (RFC 7515). The claims are not judged: see `check_claims`.
    """
    unverified = read_token(token)
    header = unverified.header
    usable = key.algorithms & frozenset(algorithms)
    if header["alg"] not in usable or header["kid"] != key.kid:
        raise TokenRefusedError("the access token is signed with an algorithm or key that is not accepted")
    if str(header.get("typ", "")).lower() not in types:
        raise TokenRefusedError("the token is not an access token")
    try:
        jws.deserialize_compact(token.encode("ascii"), key._key, list(usable))
    except _BAD_INPUT:
        raise TokenRefusedError("the signature of the access token is not valid") from None
    return unverified.claims


def check_claims(
    claims: Mapping[str, Any], *, issuer: str, audience: str, now: int, leeway: int, required: Collection[str]
) -> None:
    """Judge `iss`, `aud`, `exp`, `nbf`, `iat` and the presence of `required`; times in seconds since 1970.

    `iss` and `aud` must be equal to ours as text: a list of audiences is refused, even when ours is among them, as a
    token for two audiences can be carried from one to the other.
    """
    if claims.get("iss") != issuer:
        raise TokenRefusedError("the access token is of another issuer")
    if claims.get("aud") != audience:
        raise TokenRefusedError("the access token is for another audience")
    for name in {"exp", "iat"} | ({"nbf"} & claims.keys()):
        moment = claims.get(name)
        if isinstance(moment, bool) or not isinstance(moment, int) or not 0 <= moment < _LATEST:
            raise TokenRefusedError("the access token has no usable times")
    options = {name: jwt.ClaimsOption(essential=True) for name in {"iss", "aud", "exp", "iat", *required}}
    try:
        jwt.JWTClaimsRegistry(now=now, leeway=leeway, **options).validate(dict(claims))
    except ExpiredTokenError:
        raise TokenExpiredError("the access token has expired") from None
    except JoseError:
        raise TokenRefusedError("the access token lacks a claim or is not valid yet") from None


def read_keys(document: bytes) -> dict[str, PublicKey]:
    """The usable signature keys of a JWKS document by `kid`, or `TokenRefusedError` for the whole set.

    Keys that we do not know or do not accept are left out. A set with a symmetric or a private key, or with one `kid`
    twice, is refused whole: whoever publishes it has lost control of it.
    """
    found: dict[str, PublicKey] = {}
    for entry in _entries(document):
        if entry.get("kty") == "oct" or "d" in entry or "k" in entry:
            raise TokenRefusedError("the key set publishes a secret")
        key = _public_key(entry)
        if key and found.setdefault(key.kid, key) is not key:
            raise TokenRefusedError("the key set names two keys alike")
    return found


def _entries(document: bytes) -> list[dict[str, Any]]:
    try:
        keys = json.loads(document)["keys"]
    except _BAD_INPUT:
        keys = None
    if isinstance(keys, list) and len(keys) <= MAX_KEYS and all(isinstance(entry, dict) for entry in keys):
        return keys
    raise TokenRefusedError("the key set cannot be read")


def _public_key(entry: dict[str, Any]) -> PublicKey | None:
    kid = entry.get("kid")
    if not isinstance(kid, str) or not kid or entry.get("use", "sig") != "sig":
        return None
    if "verify" not in entry.get("key_ops", ["verify"]):
        return None
    try:
        if entry.get("kty") == "RSA" and not _is_strong(entry["n"]):
            return None
        key = jwk.import_key(entry, cast("Literal['RSA', 'EC', 'OKP']", entry.get("kty")))
        algorithms = _algorithms(key)
    except _BAD_INPUT:
        return None
    if "alg" in entry:
        algorithms &= {entry["alg"]}
    return PublicKey(kid, algorithms, key) if algorithms else None


def _algorithms(key: jwk.Key) -> frozenset[str]:
    if isinstance(key, jwk.RSAKey):
        return _RSA
    if isinstance(key, jwk.ECKey | jwk.OKPKey):
        return frozenset(_CURVES.get(key.curve_name, ()))
    return frozenset()


def _is_strong(modulus: str) -> bool:
    bits = int.from_bytes(urlsafe_b64decode(modulus.encode("ascii")), "big").bit_length()
    return _MIN_RSA_BITS <= bits <= _MAX_RSA_BITS


def _members(segment: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a member stands twice")
        return members

    try:
        members = json.loads(urlsafe_b64decode(segment.encode("ascii")), object_pairs_hook=once)
    except _BAD_INPUT:
        raise TokenRefusedError("the access token cannot be read") from None
    if not isinstance(members, dict):
        raise TokenRefusedError("the access token cannot be read")
    return members
