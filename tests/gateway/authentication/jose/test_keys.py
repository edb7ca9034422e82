"""The key policy, with what it refuses built by hand."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

from gateway.authentication.jose import PrivateKey, TokenRefusedError, read_keys

KEY = PrivateKey.generate()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwks(*keys) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


def _rsa(bits: int) -> dict:
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key().public_numbers()
    return {
        "kty": "RSA",
        "kid": f"rsa-{bits}",
        "n": b64(public.n.to_bytes((public.n.bit_length() + 7) // 8, "big")),
        "e": b64(public.e.to_bytes(3, "big")),
    }


def test_d31_weak_and_foreign_keys_are_left_out():
    good = KEY.public().document()
    found = read_keys(
        jwks(
            _rsa(1024),
            _rsa(2048),
            {**good, "use": "enc", "kid": "for-encryption"},
            {**good, "alg": "ES384", "kid": "wrong-alg"},
            {**good, "kid": None},
            {"kty": "LMS", "kid": "of-the-future"},
            {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "AA"},
            {"kty": "OKP", "kid": "exchange", "crv": "X25519", "x": b64(b"\1" * 32)},
            {"kid": "nothing"},
            good,
        )
    )
    assert set(found) == {"rsa-2048", KEY.kid}
    assert found["rsa-2048"].algorithms == {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
    assert found[KEY.kid].algorithms == {"ES256"}


def test_d27_key_sets_that_mix_in_a_secret_are_refused_whole():
    good = KEY.public().document()
    for bad in (
        jwks(good, {"kty": "oct", "kid": "s", "k": b64(b"x" * 32)}),
        jwks(good, json.loads(PrivateKey.generate().content())),
        jwks(good, good),
        jwks(*({**good, "kid": str(n)} for n in range(65))),
        jwks("text"),
        b"[]",
        b'{"keys": 5}',
        b"[" * 100_000,
        b"\xff",
    ):
        with pytest.raises(TokenRefusedError):
            read_keys(bad)


def judged(token: str, key: dict) -> tuple[dict, dict]:
    """Header and claims of a token whose signature cryptography itself finds right for this public JWK."""
    signed, _, signature = token.rpartition(".")
    curve, digest = {"P-256": (ec.SECP256R1(), SHA256()), "P-521": (ec.SECP521R1(), SHA512())}[key["crv"]]
    x, y = (int.from_bytes(unb64(key[name]), "big") for name in ("x", "y"))
    raw = unb64(signature)
    r, s = (int.from_bytes(half, "big") for half in (raw[: len(raw) // 2], raw[len(raw) // 2 :]))
    ec.EllipticCurvePublicNumbers(x, y, curve).public_key().verify(
        encode_dss_signature(r, s), signed.encode(), ec.ECDSA(digest)
    )
    header, claims = (json.loads(unb64(part)) for part in signed.split("."))
    return header, claims


@pytest.mark.parametrize("algorithm", ["ES256", "ES512"])
def test_a_key_of_ours_signs_what_others_verify(algorithm):
    made = PrivateKey.generate(algorithm)
    key = PrivateKey.read(made.content())
    assert (key.kid, key.algorithm) == (made.kid, algorithm)
    published = key.public().document()
    assert "d" not in published
    assert judged(key.sign("JWT", {"a": 1}), published) == ({"alg": algorithm, "kid": key.kid, "typ": "JWT"}, {"a": 1})


def test_a_proof_brings_the_public_half_of_its_key_and_nothing_more():
    key = PrivateKey.generate()
    public = {name: value for name, value in key.public().document().items() if name in {"kty", "crv", "x", "y"}}
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": public}
    assert judged(key.prove({"jti": "one"}), public) == (header, {"jti": "one"})
