"""LAPOR's call-backs: whose they are, what they say, what they are answered."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import WebhookOutcome, WebhookRequest
from adapters.errors import UpstreamMalformedError
from adapters.lapor import SPEC
from adapters.lapor.settings import Settings
from adapters.legacy.dates import WITA
from simulators.lapor.callbacks import signature

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
REPORT = json.loads((Path(__file__).parent / "complaint-own.in.json").read_bytes())
WEBHOOK = SPEC.reads[0].webhook
SETTINGS = Settings.model_validate({"base_url": "http://127.0.0.1:9", "token": "T-1"})


def request(content: bytes, *, at: datetime = NOW, delivery: str = "d-1", token: str = "T-1", **headers: str):
    seconds = str(int(at.timestamp()))
    signed = {
        "x-lapor-waktu": seconds,
        "x-lapor-kiriman": delivery,
        "x-lapor-tanda": signature(token, seconds, delivery, content),
    }
    return WebhookRequest({**signed, **headers}, content)


def form(report: object) -> bytes:
    return urlencode({"data": quote(json.dumps(report, ensure_ascii=False), safe="")}).encode()


def test_the_sign_of_the_interface_description():
    good = request(form(REPORT))
    assert WEBHOOK.authenticate(SETTINGS, good, NOW)
    assert WEBHOOK.authenticate(SETTINGS, good, NOW + timedelta(minutes=5))
    assert not WEBHOOK.authenticate(SETTINGS, good, NOW + timedelta(minutes=5, seconds=1))
    assert not WEBHOOK.authenticate(SETTINGS, good, NOW - timedelta(minutes=5, seconds=1))
    assert not WEBHOOK.authenticate(SETTINGS, request(form(REPORT), token="T-2"), NOW)
    assert not WEBHOOK.authenticate(SETTINGS, WebhookRequest(good.headers, good.content + b"&x=1"), NOW)
    assert not WEBHOOK.authenticate(
        SETTINGS, WebhookRequest({**good.headers, "x-lapor-kiriman": "d-2"}, good.content), NOW
    )
    assert "T-1" not in repr(good)
    assert "Galuh" not in repr(good)


@pytest.mark.parametrize("missing", ["x-lapor-waktu", "x-lapor-kiriman", "x-lapor-tanda"])
def test_without_one_of_its_headers_it_is_nobodys(missing):
    good = request(form(REPORT))
    headers = {name: value for name, value in good.headers.items() if name != missing}
    assert not WEBHOOK.authenticate(SETTINGS, WebhookRequest(headers, good.content), NOW)


def test_a_report_is_read_whatever_its_type_is_called():
    text = {**REPORT, "isi": "Titian & “jembatan” +100% rusak\nparah"}
    (wire,) = WEBHOOK.read(request(form(text), **{"content-type": "text/html"})).items
    assert wire.isi == text["isi"]
    body = SPEC.reads[0].normalise(wire).body
    assert body.number == "1100377"
    assert WEBHOOK.changed_at(body) == datetime(2026, 11, 18, 16, 40, 11, tzinfo=WITA)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"data",
        b"data=",
        b"data=%7B",
        b"other=%7B%7D",
        b"data=%7B%7D&data=%7B%7D",
        form([]),
        form({"isi": "x"}),
        form({"trackingid": "x"}),
        b"data=%22\xff%22",
        b"data=" + b"%5B" * 20_000,
        b"&".join([b"data=1"] * 50),
        json.dumps(REPORT).encode(),
    ],
)
def test_what_is_no_report_is_malformed(content):
    with pytest.raises(UpstreamMalformedError) as raised:
        WEBHOOK.read(request(content))
    assert raised.value.__context__ is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_malformed(content):
    try:
        WEBHOOK.read(request(content))
    except UpstreamMalformedError:
        return


def test_only_what_is_stored_ends_the_repeating():
    said = {outcome: json.loads(WEBHOOK.reply(outcome).content)["status"] for outcome in WebhookOutcome}
    assert said.pop(WebhookOutcome.STORED) == "1"
    assert set(said.values()) == {"0"}
