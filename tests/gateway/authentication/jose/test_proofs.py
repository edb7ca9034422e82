"""Proofs that bring their own key: which keys, types and headers are taken, and nothing else."""

import json
import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.authentication.jose import PROOF_ALGORITHMS, TokenRefusedError, read_proof
from tests.gateway.devices import Device, b64

DEVICE = Device(lambda: datetime(2026, 11, 23, tzinfo=UTC))
ADDRESS = "https://gerbang.example/oauth2/token"


def proof(device=DEVICE, **header):
    return device.proof("POST", ADDRESS, header=header)


@pytest.mark.parametrize("alg", ["ES256", "ES512", "PS256", "Ed25519"])
def test_c22_keys_of_every_kind_that_is_offered(alg):
    device = Device(DEVICE.clock, alg)
    assert alg in PROOF_ALGORITHMS
    read = read_proof(device.proof("POST", ADDRESS))
    assert read.thumbprint == device.thumbprint
    assert read.claims["htu"] == ADDRESS


def test_c22_eddsa_is_the_older_name_of_ed25519():
    device = Device(DEVICE.clock, "Ed25519")
    assert read_proof(proof(device, alg="EdDSA")).thumbprint == device.thumbprint


@pytest.mark.parametrize("alg", ["ES384", "RS256", "HS256"])
def test_c22_algorithms_that_are_not_listed(alg):
    with pytest.raises(TokenRefusedError):
        read_proof(Device(DEVICE.clock, alg).proof("POST", ADDRESS))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"typ": None},
        {"typ": ["dpop+jwt"]},
        {"alg": "none"},
        {"alg": None},
        {"alg": ["ES256"]},
        {"alg": "ES512"},
        {"alg": "HS256"},
        {"jwk": None},
        {"jwk": "text"},
        {"jwk": []},
        {"jwk": {}},
        {"jwk": DEVICE.key.as_dict(private=True)},
        {"jwk": {**DEVICE.key.as_dict(private=False), "k": "AAAA"}},
        {"jwk": {**DEVICE.key.as_dict(private=False), "crv": "P-521"}},
        {"jwk": {**DEVICE.key.as_dict(private=False), "crv": "secp256k1"}},
        {"jwk": {**DEVICE.key.as_dict(private=False), "use": "enc"}},
        {"jwk": {**DEVICE.key.as_dict(private=False), "alg": "ES512"}},
        {"jwk": {**DEVICE.key.as_dict(private=False), "key_ops": ["sign"]}},
        {"jwk": {**DEVICE.key.as_dict(private=False), "key_ops": 5}},
        {"jwk": {**DEVICE.key.as_dict(private=False), "x": "AAAA"}},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jwk": {"kty": ["EC"]}},
        {"jwk": Device(DEVICE.clock).key.as_dict(private=False)},
        {"crit": ["exp"]},
        {"jku": "https://evil.example/jwks"},
        {"x5c": ["AAAA"]},
        {"b64": False},
        {"something": "unknown to us"},
    ],
)
def test_c22_headers_that_are_refused_though_the_signature_is_right(header):
    with pytest.raises(TokenRefusedError):
        read_proof(proof(**header))


def test_c22_a_short_rsa_key_proves_nothing():
    device = Device(DEVICE.clock, "PS256")
    with warnings.catch_warnings(action="ignore"):
        device.key = type(device.key).generate_key(1024)
    with pytest.raises(TokenRefusedError):
        read_proof(device.proof("POST", ADDRESS))


def test_the_signature_must_be_right_for_every_part():
    head, body, signature = proof().split(".")
    other = b64(json.dumps({"htm": "GET"}).encode())
    stranger = Device(DEVICE.clock).proof("POST", ADDRESS).split(".")[2]
    for parts in ((head, other, signature), (head, body, stranger), (head, body, b64(b"\0" * 64)), (head, body, "x")):
        with pytest.raises(TokenRefusedError):
            read_proof(".".join(parts))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
MEMBERS = st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "alg", "use", "key_ops", "kid"]), JSON)


@given(st.text(max_size=200) | MEMBERS.map(lambda jwk: DEVICE.sign(DEVICE.header(jwk=jwk), {})))
def test_any_text_and_any_key_are_refused_in_one_way(text):
    with pytest.raises(TokenRefusedError):
        read_proof(text)
