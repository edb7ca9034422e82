"""Parsing of DPoP proofs (RFC 9449): tokens that contain the public key which signed them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.authentication.jose.errors import TokenRefusedError
from gateway.authentication.jose.keys import PublicKey, is_secret, public_key
from gateway.authentication.jose.tokens import REFUSED_HEADERS, check_signature, read_compact

PROOF_ALGORITHMS = ("ES256", "ES512", "PS256", "Ed25519", "EdDSA")
"""Accepted signature algorithms of a proof, the usual one first."""

_TYPE = "dpop+jwt"


@dataclass(frozen=True, slots=True)
class DpopProof:
    """The claims of a proof, and the thumbprint (RFC 7638, SHA-256) of the key whose signature was verified."""

    thumbprint: str
    claims: Mapping[str, Any]


def read_proof(text: str) -> DpopProof:
    """Verify a proof that is signed with one of `PROOF_ALGORITHMS` by the key in its header; or `TokenRefusedError`.

    The key must be public and accepted by the policy of `keys`. The claims are not checked.
    """
    read = read_compact(text)
    header = read.header
    if str(header.get("typ", "")).lower() != _TYPE:
        raise TokenRefusedError("the proof is not of the type dpop+jwt")
    if REFUSED_HEADERS & header.keys():
        raise TokenRefusedError("the proof has a header that is not accepted")
    key = _key_of(header)
    usable = key.algorithms & frozenset(PROOF_ALGORITHMS)
    if str(header.get("alg")) not in usable:
        raise TokenRefusedError("the proof is signed with an algorithm that is not accepted for its key")
    check_signature(text, key, usable)
    return DpopProof(key.thumbprint(), read.claims)


def _key_of(header: Mapping[str, Any]) -> PublicKey:
    entry = header.get("jwk")
    if not isinstance(entry, dict) or is_secret(entry):
        raise TokenRefusedError("the proof does not contain a public key")
    key = public_key(entry, "proof")
    if key is None:
        raise TokenRefusedError("the proof contains a key that is not accepted")
    return key
