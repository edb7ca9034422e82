"""What the client makes of each answer: a batch, or an error of the tree, and nothing else."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Bad, Batch, Call, Subject
from adapters.dukcapil import SPEC, client
from adapters.dukcapil.settings import Settings
from adapters.dukcapil.wire import Biodata
from adapters.errors import (
    AdapterError,
    Cause,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from schemas.dates import WITA
from schemas.resident import ResidentQuery

ANSWERS = Path(__file__).parent / "answers"
NIK = "6371994502900011"
NOW = datetime(2026, 11, 23, 23, 59, tzinfo=WITA)
RESIDENT = (ANSWERS / "resident.json").read_bytes()


@dataclass
class Scripted:
    """Always the same answer; remembers what it was asked."""

    content: bytes
    status: int = 200
    asked: HttpRequest | None = None

    async def send(self, request: HttpRequest) -> HttpAnswer:
        self.asked = request
        return HttpAnswer(self.status, {"content-type": "application/json", "retry-after": "2"}, self.content)


def _call(up: HttpUpstream, nik: str | None = NIK) -> Call[Settings, HttpUpstream]:
    settings = Settings.model_validate(
        {"base_url": "http://127.0.0.1:9", "unit": "UNIT", "user_id": "U", "password": "P", "ip_user": "127.0.0.1"}
    )
    return Call(settings, up, NOW, subject=Subject(nik=nik))


def _ask(content: bytes, status: int = 200) -> Batch[Biodata]:
    return asyncio.run(client.ask(_call(Scripted(content, status)), ResidentQuery(), None))


def _answer(content: object) -> bytes:
    return json.dumps({"content": content}).encode()


@pytest.mark.parametrize("case", ["resident", "first-version", "object-in-place-of-list", "odd-values"])
def test_a_person_is_read_in_whatever_shape(case: str) -> None:
    recorded = json.loads((ANSWERS / f"{case}.json").read_bytes())["content"]
    person = recorded if isinstance(recorded, dict) else recorded[0]
    nik = str(person["NIK"])
    up = Scripted((ANSWERS / f"{case}.json").read_bytes())
    (row,) = asyncio.run(client.ask(_call(up, nik), ResidentQuery(), None)).items
    assert isinstance(row, Biodata)
    assert row.digits == nik
    # No key got lost by its spelling: everything that is read stands in the row.
    assert row.model_fields_set == set(Biodata.model_fields)


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ("Kuota Akses Hari ini telah Habis", UpstreamUnavailableError),
        ("kuota akses hari ini  telah habis", UpstreamUnavailableError),
        ("IP Client  Tidak terdaftar", CredentialsRefusedError),
        ("IP Address Tidak Sesuai", CredentialsRefusedError),
        ("LOGIN GAGAL", CredentialsRefusedError),
        ("User ID Tidak Aktif", CredentialsRefusedError),
        (f"Kesalahan pada {NIK}", QueryRefusedError),
        ("", QueryRefusedError),
    ],
)
@pytest.mark.parametrize("in_list", [True, False])
def test_each_refusal_in_words(refusal: str, error: type[AdapterError], in_list: bool) -> None:
    item = {"RESPON": refusal}
    with pytest.raises(error) as raised:
        _ask(_answer([item] if in_list else item))
    assert NIK not in f"{raised.value!r} {raised.value.reason}"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("08", QueryRefusedError),
        (8, QueryRefusedError),
        ("11", CredentialsRefusedError),
        (12, CredentialsRefusedError),
        ("15", CredentialsRefusedError),
        ("99", QueryRefusedError),
        ("", QueryRefusedError),
    ],
)
def test_each_refusal_by_code(code: object, error: type[AdapterError]) -> None:
    with pytest.raises(error):
        _ask(_answer([{"RESPONSE_CODE": code, "RESPONSE_DESC": "…"}]))


def test_a_spent_quota_says_until_when() -> None:
    with pytest.raises(UpstreamUnavailableError) as spent:
        _ask((ANSWERS / "quota-spent.json").read_bytes())
    assert spent.value.cause is Cause.QUOTA_SPENT
    assert spent.value.retry_at == datetime(2026, 11, 24, tzinfo=WITA)


def test_not_found_is_nobody_in_any_capitals() -> None:
    assert _ask((ANSWERS / "not-found.json").read_bytes()) == Batch(())
    assert _ask(_answer({"RESPON": "DATA  tidak ditemukan "})) == Batch(())


def test_a_good_code_beside_a_person_is_no_refusal() -> None:
    person = json.loads(RESIDENT)["content"][0]
    (row,) = _ask(_answer([{**person, "RESPONSE_CODE": "00", "RESPON": None}])).items
    assert isinstance(row, Biodata)


def test_an_error_beside_a_person_is_an_error() -> None:
    person = json.loads(RESIDENT)["content"][0]
    with pytest.raises(CredentialsRefusedError):
        _ask(_answer([person, {"RESPON": "Login Gagal"}]))


def test_somebody_else_is_not_passed_on() -> None:
    other = json.loads((ANSWERS / "resident-renamed.json").read_bytes())["content"][0]
    mine = json.loads(RESIDENT)["content"][0]
    batch = _ask(_answer([other, mine, 7, {"NIK": None}]))
    assert [type(item) for item in batch.items] == [Bad, Biodata, Bad, Bad]


def test_nobody_is_asked_about_without_a_nik() -> None:
    up = Scripted(RESIDENT)
    assert asyncio.run(client.ask(_call(up, None), ResidentQuery(), None)) == Batch(())
    assert up.asked is None
    call = Call(_call(up).settings, up, NOW)
    with pytest.raises(QueryRefusedError):
        asyncio.run(client.ask(call, ResidentQuery(), None))


def test_a_question_may_be_repeated_and_shows_nothing_of_itself() -> None:
    up = Scripted(RESIDENT)
    asyncio.run(client.ask(_call(up), ResidentQuery(), None))
    assert up.asked is not None
    assert up.asked.safe
    assert up.asked.path == "/dukcapil/get_json/UNIT/call_nik"
    assert NIK not in repr(up.asked)
    assert json.loads(up.asked.content or b"") == {
        "nik": NIK,
        "user_id": "U",
        "password": "P",
        "ip_user": "127.0.0.1",
    }


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, UpstreamMalformedError),
        (401, CredentialsRefusedError),
        (403, CredentialsRefusedError),
        (404, QueryRefusedError),
        (409, QueryRefusedError),
        (429, UpstreamUnavailableError),
        (500, UpstreamUnavailableError),
        (503, UpstreamUnavailableError),
    ],
)
def test_statuses_that_this_service_never_uses(status: int, error: type[AdapterError]) -> None:
    with pytest.raises(error):
        _ask(b"whatever", status)


MALFORMED = [
    b"",
    b" ",
    b"null",
    b"[]",
    b'"NIK tidak ditemukan"',
    b"<!DOCTYPE html><form action='/login'>",
    RESIDENT[: len(RESIDENT) // 2],
    b'{"content":' + b"[" * 10_000,
    b'{"content":null}',
    b'{"content":[]}',
    b'{"content":"Kuota"}',
    b'{"other":1}',
    b"\xff\xfe" + RESIDENT.decode().encode("utf-16-le"),
    RESIDENT.replace(b"GALUH", b"GAL\xe9H"),
    b'{"content":[{"NIK":' + b"9" * 50_000 + b"}]}",
]


@pytest.mark.parametrize("content", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_answer_of_this_service_is_malformed(content: bytes) -> None:
    with pytest.raises(UpstreamMalformedError) as raised:
        _ask(content)
    assert "637199" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


@pytest.mark.parametrize("item", ["{}", "7", "null", '{"NIK":1e400}', '{"NIK":true}', '{"NIK":[1]}', '{"NIK":""}'])
def test_a_row_about_nobody_is_set_aside(item: str) -> None:
    batch = _ask(f'{{"content":[{item}]}}'.encode())
    assert [type(row) for row in batch.items] == [Bad]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert len(_ask(b"\xef\xbb\xbf" + RESIDENT).items) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["RESPON", "RESPONSE_CODE", "NIK", "content", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(content=JSON)
def test_any_json_is_read_or_refused(content: Any) -> None:
    try:
        batch = _ask(_answer(content))
    except AdapterError:
        return
    for item in batch.items:
        if isinstance(item, Biodata):
            SPEC.reads[0].normalise(item)


@given(place=st.integers(0, len(RESIDENT) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(place: int, byte: int) -> None:
    damaged = RESIDENT[:place] + bytes([byte]) + RESIDENT[place + 1 :]
    try:
        batch = _ask(damaged)
    except AdapterError:
        return
    for item in batch.items:
        if isinstance(item, Biodata):
            SPEC.reads[0].normalise(item)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("no-nik", None),
        ("wrong-password", CredentialsRefusedError),
        ("unknown-address", CredentialsRefusedError),
        ("quota-spent", UpstreamUnavailableError),
        ("resident", UpstreamMalformedError),
        ("not-found", QueryRefusedError),
    ],
)
def test_the_probe(answer: str, error: type[AdapterError] | None) -> None:
    up = Scripted((ANSWERS / f"{answer}.json").read_bytes())
    if error is None:
        asyncio.run(SPEC.probe(_call(up, None)))
        return
    with pytest.raises(error):
        asyncio.run(SPEC.probe(_call(up, None)))
