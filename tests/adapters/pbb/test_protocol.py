"""What each implementation refuses: not signed, signed wrongly, too old, seen before, unknown, unreadable."""

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from adapters.errors import CredentialsRefusedError, UpstreamUnavailableError
from adapters.remote.signing import Key, Signed, check_answer, sign_request
from simulators.pbb.adapter.protocol import NONCES_KEPT_SECONDS, SKEW_SECONDS
from simulators.pbb.simulator import KEY_ID
from simulators.people import DEMONSTRATION
from tests.adapters.pbb.conftest import ROOT, OverPbb, over

pytestmark = pytest.mark.anyio

DOCUMENT: dict[str, Any] = json.loads((ROOT / "openapi" / "adapter-protocol.json").read_bytes())
ASK = json.dumps({"subject": {"nik": DEMONSTRATION["resident"].nik}, "query": {}, "mark": None}).encode()


def valid(message: object, schema: str) -> None:
    """Fails unless the message is what the committed document says."""
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}).validate(
        message
    )


class Signer:
    """Sends signed requests by hand."""

    def __init__(self, pbb: OverPbb) -> None:
        self.pbb = pbb
        self.key = Key(KEY_ID, pbb.secret)
        self._count = 0

    def sign(self, path: str, content: bytes, *, method: str = "POST", age: int = 0, nonce: str = "") -> Signed:
        self._count += 1
        nonce = nonce or f"nonce-of-these-tests-{self._count}"
        return sign_request(self.key, method, path, content, created=int(time.time()) - age, nonce=nonce)

    async def send(self, path: str, content: bytes, headers: dict[str, str], *, method: str = "POST") -> httpx.Response:
        return await self.pbb.client.request(
            method, f"{self.pbb.simulator.url}{path}", content=content, headers=headers
        )

    async def ask(self, content: bytes = ASK, path: str = "/reads/bill/ask", **how: Any) -> httpx.Response:
        return await self.send(path, content, dict(self.sign(path, content, **how).headers))


def refused(answer: httpx.Response, status: int, word: str) -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:gerbang:adapter:{word}")
    assert answer.headers["content-type"] == "application/problem+json"
    valid(answer.json(), "AdapterProblem")
    assert DEMONSTRATION["resident"].nik not in answer.text


async def test_every_answer_is_signed_and_is_what_the_document_says(pbb: OverPbb) -> None:
    signer = Signer(pbb)
    for method, path, content, schema in (
        ("GET", "/adapter", b"", "Description"),
        ("GET", "/probe", b"", "Ready"),
        ("POST", "/reads/bill/ask", ASK, "Page"),
    ):
        signed = signer.sign(path, content, method=method)
        answer = await signer.send(path, content, dict(signed.headers), method=method)
        assert answer.status_code == 200
        valid(answer.json(), schema)
        check_answer(signer.key, signed, 200, dict(answer.headers), answer.content)
    for item in answer.json()["items"]:
        valid(item["body"], "Bill")


async def test_h54_who_does_not_sign_is_not_let_in(pbb: OverPbb) -> None:
    signer = Signer(pbb)
    right = dict(signer.sign("/reads/bill/ask", ASK).headers)
    for name in right:
        left_out = {key: value for key, value in right.items() if key != name}
        answer = await signer.send("/reads/bill/ask", ASK, left_out)
        refused(answer, 401, "digest" if name == "content-digest" else "signature")
        assert "signature" not in answer.headers
    for path in ("/adapter", "/probe"):
        assert (await signer.send(path, b"", {}, method="GET")).status_code == 401


async def test_h54_what_was_signed_cannot_be_used_for_anything_else(pbb: OverPbb) -> None:
    signer = Signer(pbb)
    signed = dict(signer.sign("/reads/bill/ask", ASK).headers)
    other = ASK.replace(b"null", b'"10"')
    refused(await signer.send("/reads/bill/ask", other, signed), 401, "digest")
    digest = dict(signer.sign("/reads/bill/ask", other).headers)["content-digest"]
    refused(await signer.send("/reads/bill/ask", other, {**signed, "content-digest": digest}), 401, "signature")
    refused(await signer.send("/reads/bill/one", ASK, signed), 401, "signature")


async def test_another_secret_or_name_is_refused(pbb: OverPbb) -> None:
    signer = Signer(pbb)
    for key in (Key(KEY_ID, "x" * 43), Key("somebody", pbb.secret), Key("", pbb.secret)):
        signer.key = key
        refused(await signer.ask(), 401, "signature")


async def test_h54_too_old_too_early_and_again(pbb: OverPbb) -> None:
    signer = Signer(pbb)
    refused(await signer.ask(age=120), 401, "clock")
    refused(await signer.ask(age=-120), 401, "clock")
    assert (await signer.ask(age=30)).status_code == 200
    assert (await signer.ask(nonce="the-very-same-nonce")).status_code == 200
    refused(await signer.ask(nonce="the-very-same-nonce"), 409, "nonce-seen")
    refused(await signer.ask(nonce="short"), 401, "signature")


async def test_h54_sixteen_at_once_with_one_nonce_and_one_is_answered(pbb: OverPbb) -> None:
    """Heard by several threads or processes of the service, which share what they have seen."""
    signer = Signer(pbb)
    signed = dict(signer.sign("/reads/bill/ask", ASK).headers)
    answers = await asyncio.gather(*(signer.send("/reads/bill/ask", ASK, signed) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 15]


async def test_h54_the_nonce_is_remembered_for_longer_than_the_clocks_may_differ(pbb: OverPbb) -> None:
    """Else a request could come again at the end of its time."""
    signer = Signer(pbb)
    early = dict(signer.sign("/reads/bill/ask", ASK, age=-55).headers)
    assert (await signer.send("/reads/bill/ask", ASK, early)).status_code == 200
    refused(await signer.send("/reads/bill/ask", ASK, early), 409, "nonce-seen")
    php = (ROOT / "examples" / "pbb-php" / "protocol.php").read_text("utf-8")
    for skew, kept in ((SKEW_SECONDS, NONCES_KEPT_SECONDS), (constant(php, "SKEW"), constant(php, "NONCES_KEPT"))):
        assert 0 < 2 * skew < kept


def constant(php: str, name: str) -> int:
    found = re.search(rf"^const {name}_SECONDS = (\d+);$", php, re.MULTILINE)
    assert found
    return int(found[1])


@pytest.mark.parametrize("change", [('tag="gerbang-adapter"', 'tag="other"'), (";created=", ";expires=")])
async def test_a_signature_for_something_else_is_refused(pbb: OverPbb, change: tuple[str, str]) -> None:
    """Signed with the right secret, yet not as agreed."""
    signer = Signer(pbb)
    signed = dict(signer.sign("/reads/bill/ask", ASK).headers)
    parameters = signed["signature-input"].removeprefix("gerbang=").replace(*change)
    base = (
        f'"@method": POST\n"@path": /reads/bill/ask\n"content-digest": {signed["content-digest"]}\n'
        f'"@signature-params": {parameters}'
    )
    headers = {
        "content-digest": signed["content-digest"],
        "signature-input": f"gerbang={parameters}",
        "signature": f"gerbang=:{signer.key.sign(base)}:",
    }
    refused(await signer.send("/reads/bill/ask", ASK, headers), 401, "signature")


async def test_what_is_not_granted_or_not_readable(pbb: OverPbb) -> None:
    signer = Signer(pbb)
    refused(await signer.ask(path="/reads/resident/ask"), 404, "not-granted")
    refused(await signer.ask(path="/writes/submit-application/send"), 404, "not-granted")
    for content in (b"[" * 5000, b'"text"', b"\xff", b"7"):
        refused(await signer.ask(content), 400, "message")
    for message in ({}, {"subject": None}, {"subject": {"nik": None}}, {"subject": {"nik": 7}}, {"subject": []}):
        refused(await signer.ask(json.dumps(message).encode()), 422, "subject")
    refused(await signer.ask(ASK.replace(b"null", b'{"a":1}')), 422, "mark")


async def test_odd_messages_are_refused_and_never_a_fault(pbb: OverPbb) -> None:
    signer = Signer(pbb)
    subject = {"nik": DEMONSTRATION["resident"].nik}
    for message in (
        {"subject": "text"},
        {"subject": subject, "query": []},
        {"subject": subject, "query": "x"},
        {"subject": subject, "query": {"year": [1]}},
        {"subject": subject, "mark": 7},
        {"subject": subject, "mark": "²"},
    ):
        assert (await signer.ask(json.dumps(message).encode())).status_code in (200, 422), message


@pytest.mark.sockets
async def test_h54_the_published_vectors_are_signed_right_and_long_over(tmp_path: Path) -> None:
    """A wrong signature would be told before the age."""
    vector = DOCUMENT["x-test-vectors"]
    for implementation in ("python", "php"):
        folder = tmp_path / implementation
        folder.mkdir()
        (folder / "shared.secret").write_text(vector["key"]["secret"], "ascii")
        async with over(implementation, folder) as pbb:
            signer = Signer(pbb)
            asked = vector["request"]
            answer = await signer.send(asked["path"], asked["content"].encode(), asked["headers"])
            refused(answer, 401, "clock")


async def test_the_old_application_away_is_told_with_a_time_to_come_back(pbb: OverPbb) -> None:
    pbb.stop_legacy()
    signer = Signer(pbb)
    answer = await signer.ask()
    refused(answer, 503, "system-away")
    assert answer.headers["retry-after"] == "5"
    with pytest.raises(UpstreamUnavailableError) as raised:
        await pbb.bills(DEMONSTRATION["resident"].nik)
    assert raised.value.retry_at is not None
    with pytest.raises(UpstreamUnavailableError):
        await pbb.probe()


async def test_with_a_wrong_secret_the_probe_says_so(pbb: OverPbb) -> None:
    with pytest.raises(CredentialsRefusedError):
        await pbb.probe(secret="x" * 43)
    with pytest.raises(CredentialsRefusedError):
        await pbb.probe(keyid="somebody")
