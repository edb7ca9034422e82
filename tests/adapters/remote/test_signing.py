"""Signatures: the RFC's own example, the published vectors, and what happens to anything that is touched."""

import base64
import json
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import http_message_signatures
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from adapters.remote.signing import BadSignatureError, Key, Signed, check_answer, digest_of, sign_request
from adapters.remote.vectors import vectors
from simulators.pbb.adapter.protocol import Nonces, Protocol, Question

KEY = Key("k", "s" * 40)
ASKED = sign_request(KEY, "POST", "/reads/bill/ask", b"{}", created=1_795_392_000, nonce="n" * 22)
CONTENT = b'{"items":[],"next":null}'


def answered(key: Key = KEY, asked: Signed = ASKED, content: bytes = CONTENT, parameters: str = "") -> dict[str, str]:
    """The headers of an answer, signed line by line as the document says, without the code that is tested."""
    components = '("@status" "content-digest" "signature";req;key="gerbang")'
    after = parameters or f';created=1795392001;keyid="{key.id}";alg="hmac-sha256";tag="gerbang-adapter"'
    base = (
        '"@status": 200\n'
        f'"content-digest": {digest_of(content)}\n'
        f'"signature";req;key="gerbang": {asked.signature}\n'
        f'"@signature-params": {components}{after}'
    )
    return {
        "content-digest": digest_of(content),
        "signature-input": f"gerbang={components}{after}",
        "signature": f"gerbang=:{key.sign(base)}:",
    }


def test_the_example_of_the_rfc() -> None:
    """RFC 9421, appendix B.2.5: the same key and signature base give the same signature."""
    secret = base64.b64decode(
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
    )

    class Raw(str):
        """A secret that is bytes and no text."""

        __slots__ = ()

        def encode(self, *_how: str) -> bytes:  # type: ignore[override]  # the RFC's key is not UTF-8
            return secret

    base = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
        '"@authority": example.com\n'
        '"content-type": application/json\n'
        '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    )
    assert Key("test-shared-secret", Raw()).sign(base) == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="


def test_h54_an_independent_library_agrees_with_the_vectors() -> None:
    published = vectors()
    secret = published["key"]["secret"].encode()

    class Resolver(http_message_signatures.HTTPSignatureKeyResolver):  # type: ignore[misc]  # the library has no types
        def resolve_public_key(self, _key_id: str) -> bytes:
            return secret

        def resolve_private_key(self, _key_id: str) -> bytes:
            return secret

    asked, answer = published["request"], published["answer"]
    request = requests.Request(
        asked["method"], f"http://a.example{asked['path']}", data=asked["content"], headers=asked["headers"]
    ).prepare()
    response = requests.Response()
    response.status_code, response.request = answer["status"], request
    response.headers.update(answer["headers"])
    response._content = answer["content"].encode()
    judge = http_message_signatures.HTTPMessageVerifier(
        signature_algorithm=http_message_signatures.algorithms.HMAC_SHA256, key_resolver=Resolver()
    )
    judge.max_clock_skew = timedelta(days=36_500)
    for message in (request, response):
        assert judge.verify(message, max_age=timedelta(days=36_500))


def test_h54_the_vectors_are_right() -> None:
    published = vectors()
    key = Key(published["key"]["keyid"], published["key"]["secret"])
    asked, answer = published["request"], published["answer"]
    for message in (asked, answer):
        assert message["headers"]["signature"] == f"gerbang=:{key.sign(message['signature_base'])}:"
        assert message["headers"]["content-digest"] == digest_of(message["content"].encode())
    signed = Signed(asked["headers"], asked["headers"]["signature"].removeprefix("gerbang="))
    check_answer(key, signed, answer["status"], answer["headers"], answer["content"].encode())
    committed = json.loads(Path("openapi/adapter-protocol.json").read_bytes())
    assert committed["x-test-vectors"] == published


def test_h54_the_written_example_is_the_vector() -> None:
    """What `README.md` shows step by step is signed as it says."""
    written = Path("adapters/remote/README.md").read_text("utf-8")
    base = re.search(
        r"```\n(\"@method\": .*?)\n```\n\nIts signature with the secret `(\S+)` is\n`(\S+)`", written, re.DOTALL
    )
    assert base
    assert base[1] == vectors()["request"]["signature_base"]
    assert Key("gerbang", base[2]).sign(base[1]) == base[3]
    assert vectors()["request"]["headers"]["signature"] == f"gerbang=:{base[3]}:"


def test_an_honest_answer_is_believed() -> None:
    check_answer(KEY, ASKED, 200, answered(), CONTENT)
    reordered = ';tag="gerbang-adapter";nonce="of its own";alg="hmac-sha256";keyid="k";created=1'
    check_answer(KEY, ASKED, 200, answered(parameters=reordered), CONTENT)


OTHER = sign_request(KEY, "POST", "/reads/bill/ask", b"{}", created=1_795_392_000, nonce="m" * 22)
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("another secret", answered(Key("k", "t" * 40))),
    ("another name of the key", answered(Key("l", "s" * 40))),
    ("an answer to an older request", answered(asked=OTHER)),
    ("another content", answered(content=b"{}")),
    ("no created", answered(parameters=';keyid="k";alg="hmac-sha256";tag="gerbang-adapter"')),
    ("another algorithm", answered(parameters=';created=1;keyid="k";alg="rsa-v1_5-sha256";tag="gerbang-adapter"')),
    ("another tag", answered(parameters=';created=1;keyid="k";alg="hmac-sha256";tag="x"')),
    (
        "a parameter twice",
        answered(parameters=';created=1;keyid="k";keyid="k";alg="hmac-sha256";tag="gerbang-adapter"'),
    ),
    ("nothing", {}),
    *((f"no {name}", {key: value for key, value in answered().items() if key != name}) for name in answered()),
    ("two signatures", {**answered(), "signature": f"{answered()['signature']}, sig2=:AAAA:"}),
    ("another label", {name: value.replace("gerbang=", "sig1=") for name, value in answered().items()}),
]


@pytest.mark.parametrize(("what", "headers"), WRONG, ids=[what for what, _ in WRONG])
def test_a_wrong_signature_is_told(what: str, headers: dict[str, str]) -> None:
    with pytest.raises(BadSignatureError) as raised:
        check_answer(KEY, ASKED, 200, headers, CONTENT)
    assert KEY.secret not in str(raised.value)


def test_the_status_is_signed() -> None:
    with pytest.raises(BadSignatureError):
        check_answer(KEY, ASKED, 203, answered(), CONTENT)


@given(where=st.sampled_from(sorted(answered())), place=st.integers(0, 10_000), character=st.characters(codec="utf-8"))
def test_no_character_of_the_headers_can_be_changed(where: str, place: int, character: str) -> None:
    headers = answered()
    at = place % len(headers[where])
    changed = headers[where][:at] + character + headers[where][at + 1 :]
    if changed == headers[where]:
        return
    with pytest.raises(BadSignatureError):
        check_answer(KEY, ASKED, 200, {**headers, where: changed}, CONTENT)


@given(content=st.binary(max_size=40))
def test_no_other_content_fits(content: bytes) -> None:
    if content != CONTENT:
        with pytest.raises(BadSignatureError):
            check_answer(KEY, ASKED, 200, answered(), content)


@given(headers=st.dictionaries(st.sampled_from(sorted(answered())), st.text(max_size=80)))
def test_any_headers_are_refused_in_one_way(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignatureError):
        check_answer(KEY, ASKED, 200, headers, CONTENT)


def test_nothing_secret_is_shown() -> None:
    assert "s" * 40 not in repr(KEY)
    assert ASKED.signature not in repr(ASKED)


def test_h54_what_we_sign_the_adapter_believes_once(tmp_path: Path) -> None:
    nonces = Nonces(tmp_path / "nonces.sqlite")
    served = Protocol({"k": KEY.secret}, nonces, {("POST", "/x/ask"): lambda message: message}, time.time)
    signed = sign_request(KEY, "POST", "/x/ask", b'{"a":1}', created=int(time.time()), nonce="n" * 22)
    question = Question("POST", "/x/ask", dict(signed.headers), b'{"a":1}')
    answer = served.answer(question)
    check_answer(KEY, signed, answer.status, answer.headers, answer.content)
    assert json.loads(answer.content) == {"a": 1}
    assert served.answer(question).status == 409
    nonces.close()
