"""Signing and verification keys, and the policy that decides which keys are accepted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast

from joserfc import jwk, jwt
from joserfc.util import urlsafe_b64decode

from gateway.authentication.jose.errors import BAD_INPUT, TokenRefusedError

MAX_KEYS = 64

_MIN_RSA_BITS, _MAX_RSA_BITS = 2048, 8192
_CURVES = {"P-256": {"ES256"}, "P-384": {"ES384"}, "P-521": {"ES512"}, "Ed25519": {"EdDSA", "Ed25519"}}
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
# Infineon's chips made primes of the form k*M + (65537^a mod M), M a product of small primes (ROCA, CVE-2017-15361):
# their moduli are powers of 65537 modulo each of these primes. For other moduli the chance is 1 in 238 million.
_ROCA_PRIMES = tuple(p for p in range(3, 168, 2) if all(p % d for d in range(3, p, 2)))
_ROCA_PRINTS = {p: frozenset(pow(65537, exponent, p) for exponent in range(p)) for p in _ROCA_PRIMES}
_SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verification key: only for `algorithms`, and only for tokens that name its `kid`."""

    kid: str
    algorithms: frozenset[str]
    _key: jwk.Key = field(repr=False)

    def document(self) -> dict[str, Any]:
        """The public JWK."""
        return dict(self._key.as_dict(private=False))

    def thumbprint(self) -> str:
        """The key's SHA-256 thumbprint (RFC 7638)."""
        return self._key.thumbprint()


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A signing key for `algorithm`, which is ES256 or ES512; its `kid` is its thumbprint (RFC 7638)."""

    kid: str
    algorithm: str
    _key: jwk.ECKey = field(repr=False)

    @classmethod
    def generate(cls, algorithm: Literal["ES256", "ES512"] = "ES256") -> Self:
        """Generate a key pair."""
        return cls._of(jwk.ECKey.generate_key("P-521" if algorithm == "ES512" else "P-256"))

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read a key that `content()` returned."""
        return cls._of(jwk.ECKey.import_key(json.loads(content)))

    @classmethod
    def _of(cls, key: jwk.ECKey) -> Self:
        (algorithm,) = _CURVES[key.curve_name]
        named = jwk.ECKey.import_key(
            cast("Any", key.as_dict(private=True)), {"kid": key.thumbprint(), "use": "sig", "alg": algorithm}
        )
        return cls(kid=key.thumbprint(), algorithm=algorithm, _key=named)

    def content(self) -> bytes:
        """Return the private JWK as JSON. Seal it before storing it."""
        return json.dumps(self._key.as_dict(private=True)).encode()

    def public(self) -> PublicKey:
        """Return the public key."""
        document = self._key.as_dict(private=False)
        return PublicKey(self.kid, frozenset({self.algorithm}), jwk.ECKey.import_key(cast("Any", document)))

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """Sign a token with `typ` and `kid` in its header."""
        return self._signed({"kid": self.kid, "typ": typ}, claims)

    def prove(self, claims: Mapping[str, Any]) -> str:
        """Sign a DPoP proof (RFC 9449), with the public key in its header."""
        members = ("kty", "crv", "x", "y")
        document = self._key.as_dict(private=False)
        return self._signed({"typ": "dpop+jwt", "jwk": {name: document[name] for name in members}}, claims)

    def _signed(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        return jwt.encode({"alg": self.algorithm, **header}, dict(claims), self._key, [self.algorithm])


def read_keys(document: bytes) -> dict[str, PublicKey]:
    """Parse a JWKS document: its usable signature keys by `kid`. Raises `TokenRefusedError` for the whole set.

    Unknown and unacceptable keys are left out. A set that contains a symmetric or a private key, or one `kid` twice, is
    refused as a whole, since its publisher has lost control of it.
    """
    found: dict[str, PublicKey] = {}
    for entry in _entries(document):
        if is_secret(entry):
            raise TokenRefusedError("the key set publishes a secret")
        key = public_key(entry, entry.get("kid"))
        if key and found.setdefault(key.kid, key) is not key:
            raise TokenRefusedError("the key set names two keys alike")
    return found


def is_secret(entry: Mapping[str, Any]) -> bool:
    """Whether a JWK is symmetric, or has a private part."""
    return entry.get("kty") == "oct" or not _SECRET_MEMBERS.isdisjoint(entry)


def _entries(document: bytes) -> list[dict[str, Any]]:
    try:
        keys = json.loads(document)["keys"]
    except BAD_INPUT:
        keys = None
    if isinstance(keys, list) and len(keys) <= MAX_KEYS and all(isinstance(entry, dict) for entry in keys):
        return keys
    raise TokenRefusedError("the key set cannot be read")


def public_key(entry: Mapping[str, Any], kid: object) -> PublicKey | None:
    """Return the key of a public JWK under the name `kid`; None unless it is an accepted signature key."""
    if not isinstance(kid, str) or not kid or entry.get("use", "sig") != "sig":
        return None
    try:
        if "verify" not in entry.get("key_ops", ["verify"]):
            return None
        if entry.get("kty") == "RSA" and not _is_strong(entry["n"]):
            return None
        key = jwk.import_key(dict(entry), cast("Literal['RSA', 'EC', 'OKP']", entry.get("kty")))
        algorithms = _algorithms(key)
    except BAD_INPUT:
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
    number = int.from_bytes(urlsafe_b64decode(modulus.encode("ascii")), "big")
    is_roca = all(number % prime in prints for prime, prints in _ROCA_PRINTS.items())
    return _MIN_RSA_BITS <= number.bit_length() <= _MAX_RSA_BITS and not is_roca
