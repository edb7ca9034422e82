"""Signing and verifying JSON Web Tokens: the one room that knows joserfc, and the key policy that goes with it.

joserfc is sound, but it leaves to its caller what is decided here: which algorithms (always a list of ours, never the
token's word), which keys (no RSA under 2048 bits, nothing symmetric), which headers (none that brings a key of its own
or demands an extension), how large, and that claims are checked at all. Sources: RFC 7515, 7517, 7518, 7519, 8725.
"""

from gateway.authentication.jose.errors import TokenExpiredError, TokenRefusedError
from gateway.authentication.jose.keys import MAX_KEYS, PrivateKey, PublicKey, read_keys
from gateway.authentication.jose.proofs import PROOF_ALGORITHMS, DpopProof, read_proof
from gateway.authentication.jose.tokens import MAX_TOKEN_BYTES, UnverifiedToken, check_claims, read_token, verify

__all__ = [
    "MAX_KEYS",
    "MAX_TOKEN_BYTES",
    "PROOF_ALGORITHMS",
    "DpopProof",
    "PrivateKey",
    "PublicKey",
    "TokenExpiredError",
    "TokenRefusedError",
    "UnverifiedToken",
    "check_claims",
    "read_keys",
    "read_proof",
    "read_token",
    "verify",
]
