"""The token policy, with what it refuses built by hand."""

import base64
import contextlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from gateway.authentication.jose import (
    MAX_TOKEN_BYTES,
    PrivateKey,
    TokenExpiredError,
    TokenRefusedError,
    check_claims,
    read_keys,
    read_token,
    verify,
)

KEY = PrivateKey.generate()
RULES = {"algorithms": {"ES256"}, "types": {"at+jwt"}}
CLAIMS = {"iss": "https://a.example", "aud": "https://a.example/v1", "sub": "s", "iat": 1000, "exp": 1600}
JUDGED = {"issuer": CLAIMS["iss"], "audience": CLAIMS["aud"], "leeway": 10, "required": ["sub"]}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwks(*keys) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


def with_header(**changes) -> str:
    """A token whose signature is right for its own, changed header: only the policy stands against it."""
    header = {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt", **changes}
    signing = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(CLAIMS).encode())}"
    private = KEY._key.private_key
    r, s = decode_dss_signature(private.sign(signing.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signing}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def test_sign_and_verify_and_reading_the_key_again():
    token = KEY.sign("at+jwt", CLAIMS)
    again = PrivateKey.read(KEY.content())
    assert again.kid == KEY.kid
    assert verify(token, again.public(), **RULES) == CLAIMS
    published = read_keys(jwks(KEY.public().document()))
    assert verify(token, published[KEY.kid], **RULES) == CLAIMS
    assert "d" not in KEY.public().document()
    assert json.loads(KEY.content())["d"] not in repr(KEY)


def test_hand_made_header_is_verified_when_it_is_right():
    assert verify(with_header(), KEY.public(), **RULES) == CLAIMS
    assert verify(with_header(typ="AT+JWT"), KEY.public(), **RULES) == CLAIMS


@pytest.mark.parametrize(
    "changes",
    [
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"crit": 7},
        {"jwk": KEY.public().document()},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
        {"cty": "JWT"},
        {"typ": "JWT"},
        {"typ": "logout+jwt"},
        {"typ": None},
        {"kid": "another"},
        {"kid": None},
        {"kid": 5},
        {"alg": None},
        {"alg": ["ES256"]},
        {"alg": "none"},
        {"alg": "ES384"},
        {"something": "unknown to us"},
    ],
)
def test_d27_headers_that_are_refused_though_the_signature_is_right(changes):
    with pytest.raises(TokenRefusedError):
        verify(with_header(**changes), KEY.public(), **RULES)


def test_signature_must_be_right_for_every_part():
    head, body, signature = KEY.sign("at+jwt", CLAIMS).split(".")
    other = b64(json.dumps({**CLAIMS, "sub": "somebody else"}).encode())
    stranger = PrivateKey.generate().sign("at+jwt", CLAIMS).split(".")[2]
    forged = [(head, other, signature), (head, body, stranger), (head, body, b64(b"\0" * 64)), (head, body, b64(b"x"))]
    for parts in forged:
        with pytest.raises(TokenRefusedError):
            verify(".".join(parts), KEY.public(), **RULES)


def test_no_algorithm_is_never_any_algorithm():
    with pytest.raises(TokenRefusedError):
        verify(with_header(), KEY.public(), algorithms=set(), types={"at+jwt"})


@pytest.mark.parametrize("levels", [*range(50, 1000, 50), 4000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_a_token_that_is_nested_however_deeply_is_read_or_refused(levels, opening, closing):
    head, body, signature = KEY.sign("at+jwt", CLAIMS).split(".")
    nested = b64(f'{{"iss":{opening * levels}0{closing * levels}}}'.encode())
    for text in (f"{head}.{nested}.{signature}", f"{nested}.{body}.{signature}"):
        with contextlib.suppress(TokenRefusedError):
            read_token(text)


def test_tokens_that_are_not_compact_base64url():
    token = KEY.sign("at+jwt", CLAIMS)
    head, body, signature = token.split(".")
    twice = b64(b'{"alg":"ES256","alg":"none","kid":"k"}')
    for text in (
        token + "=",
        token + "\n",
        f"{head}=.{body}.{signature}",
        f"{head}.{body}",
        f"{token}.x",
        f"{head}..{signature}",
        token.replace(head, "e30"),
        "é" + token,
        f"{head}.{b64(b'[' * 4000)}.{signature}",
        f"{head}.{b64(b'[1]')}.{signature}",
        f"{twice}.{body}.{signature}",
        f"{head}.{b64(json.dumps({'iss': 'a'}).encode('utf-16'))}.{signature}",
        f"{head}.{b64(bytes.fromhex('7b2261223a22eda08022 7d'))}.{signature}",
        "a" * (MAX_TOKEN_BYTES + 1),
        head + "." + "a" * MAX_TOKEN_BYTES + "." + signature,
    ):
        with pytest.raises(TokenRefusedError):
            read_token(text)


@pytest.mark.parametrize("said", ["\ud800", "\udfff.", "a\0"])
def test_claims_that_name_what_is_no_text_are_refused_before_anybody_looks_them_up(said):
    head, _, signature = KEY.sign("at+jwt", CLAIMS).split(".")
    for claims in ({"iss": said}, {said: "x"}, {"x": [{"y": said}]}):
        with pytest.raises(TokenRefusedError, match="cannot be read"):
            read_token(f"{head}.{b64(json.dumps(claims).encode())}.{signature}")
    named = {"name": "Aluh 😀 é\n"}
    assert read_token(f"{head}.{b64(json.dumps(named).encode())}.{signature}").claims == named


@given(st.text(max_size=300) | st.from_regex(r"\A[A-Za-z0-9_=-]{0,80}\.[A-Za-z0-9_=-]{0,80}\.[A-Za-z0-9_-]{0,90}\Z"))
def test_any_text_is_refused_in_one_way(text):
    with pytest.raises(TokenRefusedError):
        verify(text, KEY.public(), **RULES)


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "sub", "jti", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=2),
        ),
    )
)
def test_any_claims_are_judged_without_surprise(claims):
    try:
        check_claims({**CLAIMS, **claims}, now=1300, **JUDGED)
    except TokenRefusedError:
        return
    judged = {**CLAIMS, **claims}
    assert (judged["iss"], judged["aud"]) == (CLAIMS["iss"], CLAIMS["aud"])
    assert judged["iat"] <= 1310 < judged["exp"] + 20
    assert isinstance(judged["sub"], str)


@pytest.mark.parametrize(
    ("now", "changes", "good"),
    [
        (1300, {}, True),
        (1609, {}, True),
        (1610, {}, False),
        (1000, {"iat": 1008}, True),
        (1000, {"iat": 1060}, False),
        (1000, {"nbf": 1008}, True),
        (1000, {"nbf": 1011}, False),
        (1300, {"nbf": "1000"}, False),
        (1300, {"exp": None}, False),
        (1300, {"exp": 1600.5}, False),
        (1300, {"exp": True}, False),
        (1300, {"exp": 10**300}, False),
        (1300, {"iat": -1}, False),
        (1300, {"aud": [CLAIMS["aud"]]}, False),
        (1300, {"aud": CLAIMS["aud"] + "/"}, False),
        (1300, {"iss": "https://A.example"}, False),
        (1300, {"sub": ""}, False),
        (1300, {"sub": None}, False),
    ],
)
def test_claims_and_a_clock_that_is_ten_seconds_off(now, changes, good):
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    if good:
        check_claims(claims, now=now, **JUDGED)
    else:
        with pytest.raises(TokenRefusedError):
            check_claims(claims, now=now, **JUDGED)


def test_expiry_is_told_apart():
    with pytest.raises(TokenExpiredError):
        check_claims(CLAIMS, now=2000, **JUDGED)


@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_d27_hmac_with_the_public_key_as_secret(form):
    public = KEY.public()
    secret = public._key.as_pem(private=False) if form == "pem" else json.dumps(public.document()).encode()
    header = {"alg": "HS256", "kid": KEY.kid, "typ": "at+jwt"}
    signing = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(CLAIMS).encode())}"
    forged = f"{signing}.{b64(hmac.digest(secret, signing.encode(), 'sha256'))}"
    for algorithms in ({"ES256"}, {"ES256", "HS256"}):
        with pytest.raises(TokenRefusedError):
            verify(forged, public, algorithms=algorithms, types={"at+jwt"})
