"""Signing and verification of JSON Web Tokens, with the key policy. Only this package imports joserfc.

joserfc leaves these decisions to its caller: which algorithms are accepted (always a list from here, never the token's
own header), which keys (no RSA under 2048 bits, nothing symmetric), which headers (none that contains a key or demands
an extension), the size limit, and that claims are checked at all. Sources: RFC 7515, 7517, 7518, 7519, 8725.
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
