"""What the client makes of each answer: records, an outcome, or an error of the tree, and nothing else."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Absent, Bad, Call, Refused, Stored, Subject
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.lapor import SPEC, client, normalise
from adapters.lapor.settings import Settings
from adapters.lapor.wire import Laporan
from adapters.legacy.dates import WITA
from adapters.upstream import HttpAnswer, HttpRequest
from schemas.complaint import ComplaintQuery, SubmitComplaint

HERE = Path(__file__).parent
NIK = "6371994502900011"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
OWN = json.loads((HERE / "complaint-own.in.json").read_bytes())
PUBLIC = json.loads((HERE / "complaint-public.in.json").read_bytes())
TOPICS = b'[{"id":"13","parent":"11","topic_name":"Jalan Rusak"},{"id":"77","topic_name":"Kabut Asap"},7]'
COMMAND = SubmitComplaint(text="Jalan di depan pasar rusak parah", kind="road")
CODE = "GB-7F3K2Q"


@dataclass
class Scripted:
    """Answers each path as told; remembers what it was asked."""

    answers: dict[str, bytes]
    status: int = 200
    asked: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpAnswer:
        self.asked.append(request)
        content = self.answers.get(request.path.rpartition("/")[2], TOPICS)
        return HttpAnswer(self.status, {"content-type": "text/html", "retry-after": "2"}, content)


def call(up: Scripted, nik: str | None = NIK) -> Call[Any, Any]:
    settings = Settings.model_validate({"base_url": "http://127.0.0.1:9", "token": "T-1"})
    return Call(settings, up, NOW, subject=Subject(nik=nik))


def page(*rows: object, number: object = 1, pages: object = 1, total: object = None) -> bytes:
    counts = {"page": str(number), "totalpage": str(pages), "total": str(len(rows) if total is None else total)}
    return json.dumps({"status": "1", **counts, "data": rows}).encode()


def said(pesan: str, status: str = "0") -> bytes:
    return json.dumps({"status": status, "pesan": pesan}).encode()


def ask(answer: bytes, **scripted: Any):
    return asyncio.run(client.ask(call(Scripted({"getmystreams": answer}, **scripted)), ComplaintQuery(), None))


def one(answer: bytes, key: str = "1100377"):
    return asyncio.run(client.one(call(Scripted({"getstream": answer})), key))


def submit(answer: bytes, **scripted: Any):
    fields = normalise.submission(COMMAND, NIK, CODE)
    up = Scripted({"addstream": answer}, **scripted)
    return asyncio.run(client.submit(call(up), fields)), up


def look(answer: bytes):
    return asyncio.run(client.look(call(Scripted({"getmystreams": answer})), COMMAND, CODE))


async def fed(up: Scripted, mark: str | None = None):
    return [batch async for batch in client.feed(call(up), mark)]


def test_somebody_elses_report_and_one_without_reporter_are_set_aside():
    other = {**OWN, "pelapor": {**OWN["pelapor"], "nik": "6371991407940033"}}
    batch = ask(page(OWN, other, PUBLIC, 7, {"trackingid": "x"}))
    assert [type(item) for item in batch.items] == [Laporan, Bad, Bad, Bad, Bad]


def test_the_name_of_a_topic_is_asked_for_only_when_it_is_new():
    up = Scripted({"getmystreams": page(OWN)})
    asyncio.run(client.ask(call(up), ComplaintQuery(), None))
    assert len(up.asked) == 1
    up = Scripted({"getmystreams": page({**OWN, "topik": "77"})})
    batch = asyncio.run(client.ask(call(up), ComplaintQuery(), None))
    assert [item.topik_nama for item in batch.items] == ["Kabut Asap"]
    assert len(up.asked) == 2


def test_pages_lead_on_until_the_last():
    assert ask(page(OWN, pages=2)).next == f"2-{OWN['trackingid']}-1"
    assert ask(page(pages=2)).next is None
    with pytest.raises(UpstreamMalformedError):
        ask(page(OWN, number=2, pages=2))


def test_a_feed_goes_on_from_its_mark():
    up = Scripted({"getstreams": page(PUBLIC, number=3, pages=3)})
    (batch,) = asyncio.run(fed(up, "3"))
    assert (batch.next, batch.whole, len(batch.items)) == (None, True, 1)
    assert b"page=3" in up.asked[-1].content


def test_nobody_is_asked_about_without_a_nik():
    up = Scripted({})
    assert asyncio.run(client.ask(call(up, None), ComplaintQuery(), None)).items == ()
    assert up.asked == []
    with pytest.raises(QueryRefusedError):
        asyncio.run(client.ask(Call(call(up).settings, up, NOW), ComplaintQuery(), None))
    with pytest.raises(QueryRefusedError):
        asyncio.run(client.look(call(up, None), COMMAND, CODE))


def test_a_question_shows_nothing_of_itself():
    up = Scripted({"getmystreams": page(OWN)})
    asyncio.run(client.ask(call(up), ComplaintQuery(), None))
    (asked,) = up.asked
    assert asked.safe
    assert NIK not in f"{asked!r}{asked.path}{asked.query}"
    assert NIK.encode() in asked.content
    assert asked.headers["keytoken"] == "T-1"


def test_one_report():
    assert one(json.dumps({"status": "1", "data": OWN}).encode()).trackingid == "1100377"
    assert one(said("Data Tidak  ditemukan")) is None
    for key in ("", "x", "../1", "1" * 13, "1 or 1=1"):
        assert one(b"never asked", key) is None
    with pytest.raises(UpstreamMalformedError):
        one(json.dumps({"status": "1", "data": {**OWN, "trackingid": "1"}}).encode())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said("Token tidak dikenal"), CredentialsRefusedError),
        (said(f"Kesalahan pada {NIK}"), QueryRefusedError),
        (said("Data tidak ditemukan"), UpstreamMalformedError),
        (said("baik", "9"), UpstreamMalformedError),
        (b"<!DOCTYPE html><h1>Terlalu banyak permintaan</h1>", UpstreamUnavailableError),
        (b"<!DOCTYPE html><h1>Service Unavailable</h1>", UpstreamMalformedError),
        (b"", UpstreamMalformedError),
        (b"[]", UpstreamMalformedError),
        (b'{"status":"1"}', UpstreamMalformedError),
        (b'{"status":"1","page":null,"totalpage":"1","total":"1","data":[]}', UpstreamMalformedError),
        (page(OWN)[:-40], UpstreamMalformedError),
        (page(OWN, pages=10**9), UpstreamMalformedError),
        (b'{"status":' + b"[" * 10_000, UpstreamMalformedError),
    ],
)
def test_each_answer_that_is_none(answer, error):
    with pytest.raises(error) as raised:
        ask(answer)
    assert "63719" not in f"{raised.value!r} {raised.value.__context__} {raised.value.__cause__}"
    if answer != said("Data tidak ditemukan"):
        with pytest.raises(error):
            look(answer)


def test_too_many_requests_are_over_in_a_minute():
    with pytest.raises(UpstreamUnavailableError) as raised:
        ask(b"<html><body>TERLALU BANYAK PERMINTAAN</body></html>")
    assert raised.value.retry_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, UpstreamMalformedError),
        (401, CredentialsRefusedError),
        (403, CredentialsRefusedError),
        (404, QueryRefusedError),
        (429, UpstreamUnavailableError),
        (500, UpstreamUnavailableError),
    ],
)
def test_statuses(status, error):
    with pytest.raises(error):
        ask(page(OWN), status=status)
    with pytest.raises(error):
        submit(b"<lapor><status>1</status><trackingid>5</trackingid></lapor>", status=status)


def test_a_submission_is_sent_once_as_a_document():
    outcome, up = submit(b"<lapor><status>1</status><trackingid> 1100416 </trackingid></lapor>")
    assert outcome == Stored("1100416", "1100416")
    (asked,) = up.asked
    assert not asked.safe
    assert b'<lapor token="T-1">' in asked.content
    assert f"[{CODE}]".encode() in asked.content


@pytest.mark.parametrize(
    ("pesan", "code"),
    [
        ("Pelapor belum terdaftar", "reporter-unknown"),
        ("TOPIK tidak  dikenal", "kind-unknown"),
        ("Kelurahan tidak dikenal", "region-unknown"),
        ("Isi laporan terlalu pendek", "text-refused"),
        ("Di luar jam kerja", "refused"),
    ],
)
def test_each_refusal_of_a_submission(pesan, code):
    outcome, _ = submit(f"<lapor><status>0</status><pesan>{pesan}</pesan></lapor>".encode())
    assert outcome == Refused(code, " ".join(pesan.split()))


def test_a_refusal_is_passed_on_as_a_reason_and_no_longer():
    outcome, _ = submit(f"<lapor><status>0</status><pesan>{'Di luar jam kerja. ' * 100}</pesan></lapor>".encode())
    assert outcome.reason.startswith("Di luar jam kerja. Di luar")
    assert len(outcome.reason) <= 200


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"OK",
        b"<lapor/>",
        b"<lapor><status>1</status></lapor>",
        b"<lapor><status>1</status><trackingid>x</trackingid></lapor>",
        b"<lapor><status>2</status><pesan>?</pesan></lapor>",
        b"<lain><status>1</status><trackingid>5</trackingid></lain>",
        b"<lapor><status>1</status><trackingid>5</trackingid>",
        b'<!DOCTYPE lapor [<!ENTITY a "5">]><lapor><status>1</status><trackingid>&a;</trackingid></lapor>',
        b"<lapor>" * 10_000,
        b'<?xml version="1.0" encoding="no-such"?><lapor/>',
        b"<!DOCTYPE html><html></html>",
    ],
)
def test_a_submission_that_is_not_clearly_answered_is_in_doubt(answer):
    with pytest.raises(UpstreamMalformedError) as raised:
        submit(answer)
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None


def test_a_token_that_is_refused_says_so():
    with pytest.raises(CredentialsRefusedError):
        submit(b"<lapor><status>0</status><pesan>Token tidak dikenal</pesan></lapor>")
    with pytest.raises(CredentialsRefusedError):
        asyncio.run(SPEC.probe(call(Scripted({"gettopics": said("Token tidak dikenal")}))))


def test_looking_believes_only_what_it_sees():
    mine = {**OWN, "isi": f"Jalan rusak parah [{CODE}] "}
    assert look(page(OWN, mine)) == Stored("1100377", "1100377")
    assert look(page(OWN)) == Absent()
    assert look(page()) == Absent()
    with pytest.raises(UpstreamMalformedError):
        look(page(OWN, total=51, pages=2))
    with pytest.raises(UpstreamMalformedError):
        look(page(OWN, {"trackingid": None}))


LISTED = page(OWN, {**OWN, "topik": "77", "tanggapan": [{"isi": "Baik", "tanggal": "2026-11-16 08:00:00"}]})


@given(place=st.integers(0, len(LISTED) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(place, byte):
    try:
        batch = ask(LISTED[:place] + bytes([byte]) + LISTED[place + 1 :])
    except AdapterError:
        return
    for item in batch.items:
        if isinstance(item, Laporan) and item.isi:
            normalise.key(item)
