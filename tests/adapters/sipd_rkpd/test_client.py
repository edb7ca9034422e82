"""What the client makes of each answer: records, an outcome, or an error of the tree, and nothing else."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime
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
from adapters.legacy.dates import WITA
from adapters.sipd_rkpd import SPEC, client, normalise
from adapters.sipd_rkpd.settings import Settings
from adapters.sipd_rkpd.wire import Usulan
from adapters.upstream import HttpAnswer, HttpRequest
from schemas.planning import ProposalQuery, SubmitProposal

HERE = Path(__file__).parent
NIK = "6371994502900011"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
OWN = json.loads((HERE / "proposal-own.in.json").read_bytes())
PUBLIC = json.loads((HERE / "proposal-public.in.json").read_bytes())
COMMAND = SubmitProposal(year=2027, text="Jalan rusak dan becek", title="Perbaikan", region="63.71.01.1001")
CODE = "GB-7F3K2Q"


@dataclass
class Scripted:
    """Always the same answer; remembers what it was asked."""

    content: bytes
    status: int = 200
    asked: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpAnswer:
        self.asked.append(request)
        return HttpAnswer(self.status, {"content-type": "application/json", "retry-after": "2"}, self.content)


def call(up: Scripted, nik: str | None = NIK) -> Call[Any, Any]:
    settings = Settings.model_validate({"base_url": "http://127.0.0.1:9", "token": "T-1"})
    return Call(settings, up, NOW, subject=Subject(nik=nik))


def answer(code: object = 200, **more: object) -> bytes:
    return json.dumps({"code": code, "msg": "Sukses", "log": [], **more}).encode()


def listed(*rows: object, total: object = None) -> bytes:
    return answer(data=rows, total=str(len(rows) if total is None else total))


def ask(content: bytes, mark: str | None = None, **scripted: Any):
    return asyncio.run(client.ask(call(Scripted(content, **scripted)), ProposalQuery(), mark))


def push(*log: str, **scripted: Any):
    up = Scripted(json.dumps({"code": 200, "msg": "Sukses menyimpan 1 usulan", "log": log}).encode(), **scripted)
    return asyncio.run(client.submit(call(up), normalise.submission(COMMAND, NIK, CODE))), up


def look(content: bytes):
    return asyncio.run(client.look(call(Scripted(content)), COMMAND, CODE))


async def fed(up: Scripted, mark: str | None = None):
    return [batch async for batch in client.feed_plans(call(up), mark)]


def test_the_token_stands_in_the_odd_header_and_the_nik_in_the_body():
    up = Scripted(listed(OWN))
    asyncio.run(client.ask(call(up), ProposalQuery(), None))
    (asked,) = up.asked
    assert asked.headers["authentication"] == "Bearer T-1"
    assert "authorization" not in asked.headers
    assert asked.query == (("kodepemda", "6371"),)
    assert json.loads(asked.content) == {"start": 0, "limit": 20, "nik": NIK}
    assert asked.safe
    assert NIK not in f"{asked!r}{asked.path}{asked.query}"


def test_somebody_elses_proposal_and_one_without_proposer_are_set_aside():
    other = {**OWN, "pengusul": {"nik": "6371991407940033"}}
    batch = ask(listed(OWN, other, PUBLIC, 7, {"id_usulan": "x"}))
    assert [type(item) for item in batch.items] == [Usulan, Bad, Bad, Bad, Bad]


def test_nobody_is_asked_about_without_a_nik():
    up = Scripted(b"never asked")
    assert asyncio.run(client.ask(call(up, None), ProposalQuery(), None)).items == ()
    assert up.asked == []
    for function in (client.ask, lambda given, *_: client.look(given, COMMAND, CODE)):
        with pytest.raises(QueryRefusedError):
            asyncio.run(function(Call(call(up).settings, up, NOW), ProposalQuery(), None))


def test_stretches_lead_on_until_the_last():
    assert ask(listed(OWN, OWN, total=5)).next == "2"
    assert ask(listed(OWN, total=5), mark="4").next is None
    with pytest.raises(UpstreamMalformedError):
        ask(listed(total=5))
    with pytest.raises(UpstreamMalformedError):
        ask(listed(*[OWN] * 21))
    up = Scripted(listed({"tahun": "2027", "kode_program": "1.02.02"}, total=8))
    (batch,) = asyncio.run(fed(up, "7"))
    assert (batch.next, batch.whole) == (None, True)
    assert json.loads(up.asked[0].content)["start"] == 7


@dataclass
class Plans(Scripted):
    """Lines of plans by their numbers, from which some go after the first stretch was asked for."""

    content: bytes = b""
    lines: list[int] = field(default_factory=lambda: list(range(250)))
    gone: tuple[int, ...] = ()

    async def send(self, request: HttpRequest) -> HttpAnswer:
        start = json.loads(request.content)["start"]
        rows = [{"tahun": "2027", "kode_program": f"{number}"} for number in self.lines[start : start + 100]]
        self.content = listed(*rows, total=len(self.lines))
        self.lines = [number for number in self.lines if number not in self.gone]
        return await super().send(request)


@pytest.mark.parametrize("gone", [(), (3,), tuple(range(90)), tuple(range(100, 250)), tuple(range(250))])
def test_a_line_that_is_deleted_meanwhile_costs_no_other(gone):
    batches = asyncio.run(fed(Plans(gone=gone)))
    found = [int(row.kode_program) for batch in batches for row in batch.items]
    assert set(found) >= set(range(250)) - set(gone)
    assert len(set(found)) == len(found) or 99 in gone
    assert batches[-1].next is None
    # So does one that goes on from a mark.
    rest = Plans(gone=gone)
    rest.lines = [number for number in rest.lines if number not in gone]
    again = [int(row.kode_program) for batch in asyncio.run(fed(rest, batches[0].next)) for row in batch.items]
    assert sorted(again) == sorted(set(range(100, 250)) - set(gone)) or 99 in gone


def test_lines_of_one_key_are_all_told():
    doubled = [*range(150), 99, *range(151, 250)]
    batches = asyncio.run(fed(Plans(lines=list(doubled))))
    assert [int(row.kode_program) for batch in batches for row in batch.items] == doubled


def test_a_list_whose_length_is_never_the_same_twice_is_not_read_for_ever():
    class Disagreeing(Scripted):
        async def send(self, request):
            start = json.loads(request.content)["start"]
            rows = [{"tahun": "2027", "kode_program": f"{start + number}"} for number in range(100)]
            self.content = listed(*rows, total=999 if start == 0 else 250)
            return await super().send(request)

    up = Disagreeing(b"")
    with pytest.raises(UpstreamMalformedError, match="shrinks too often"):
        asyncio.run(fed(up))
    assert len(up.asked) < 50


def test_a_row_that_cannot_be_read_hides_no_other():
    (batch,) = asyncio.run(fed(Scripted(listed(7, {"tahun": "2027", "kode_program": "1"}))))
    assert [isinstance(row, Bad) for row in batch.items] == [True, False]


def test_one_proposal():
    assert asyncio.run(client.one(call(Scripted(answer(data=OWN))), "70311")).id_usulan == "70311"
    assert asyncio.run(client.one(call(Scripted(answer(404))), "70311")) is None
    with pytest.raises(UpstreamMalformedError):
        asyncio.run(client.one(call(Scripted(answer(data=OWN))), "70312"))
    for key in ("", "x", "7 or 1=1", "../1"):
        assert asyncio.run(client.one(call(Scripted(b"never asked")), key)) is None


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (answer(401), CredentialsRefusedError),
        (answer("403"), CredentialsRefusedError),
        (answer(422), QueryRefusedError),
        (answer(500), UpstreamUnavailableError),
        (answer(302), UpstreamMalformedError),
        (answer(404), UpstreamMalformedError),
        (answer(200, data=[], total="0", log=["Baris 3: ERROR: basis data"]), UpstreamUnavailableError),
        (answer(200), UpstreamMalformedError),
        (answer(200, data=None, total="0"), UpstreamMalformedError),
        (answer(200, data=[], total="-1"), UpstreamMalformedError),
        (b"[]", UpstreamMalformedError),
        (b"", UpstreamMalformedError),
        (b"<html><body>Pemeliharaan</body></html>", UpstreamMalformedError),
        (listed(OWN)[:-30], UpstreamMalformedError),
        (b'{"code":' + b"[" * 10_000, UpstreamMalformedError),
    ],
)
def test_each_answer_that_is_none(content, error):
    for question in (ask, look):
        with pytest.raises(error) as raised:
            question(content)
        assert "63719" not in f"{raised.value!r} {raised.value.__context__} {raised.value.__cause__}"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, UpstreamMalformedError),
        (401, CredentialsRefusedError),
        (404, QueryRefusedError),
        (500, UpstreamUnavailableError),
    ],
)
def test_statuses_that_sipd_never_uses(status, error):
    with pytest.raises(error):
        ask(listed(OWN), status=status)
    with pytest.raises(error):
        push("Baris 1: OK: id_usulan=1", status=status)


def test_a_push_is_stored_only_when_its_log_says_so():
    outcome, up = push("Baris 1: OK: id_usulan=70512")
    assert outcome == Stored("70512", "70512")
    (asked,) = up.asked
    assert not asked.safe
    assert f"[{CODE}]" in json.loads(asked.content)["usulan"][0]["masalah"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Baris 1: ERROR: Kelurahan tidak dikenal", "region-unknown"),
        ("Baris 1: ERROR: TAHUN usulan  ditutup", "year-closed"),
        ("ERROR: Pengusul tidak terdaftar", "proposer-unknown"),
        ("ERROR Masalah terlalu pendek", "text-refused"),
        ("Baris 1: ERROR: OK: id_usulan=70512", "refused"),
        ("Baris 1: ERROR:", "refused"),
    ],
)
def test_a_success_whose_log_holds_an_error_is_a_refusal(line, code):
    outcome, _ = push(line)
    assert isinstance(outcome, Refused)
    assert outcome.code == code


@pytest.mark.parametrize(
    "log",
    [
        (),
        ("",),
        ("Baris 1: disimpan",),
        ("id_usulan=5",),
        ("OK: id_usulan=5", "ERROR: x"),
        ("Baris 1: OK: id_usulan=5; ERROR: riwayat",),
        ("OK " * 1000 + "id_usulan=5",),
    ],
)
def test_a_log_that_says_neither_leaves_the_push_in_doubt(log):
    with pytest.raises(UpstreamMalformedError):
        push(*log)


def test_looking_believes_only_what_it_sees():
    mine = {**OWN, "masalah": f"Jalan rusak [{CODE}] "}
    assert look(listed(OWN, mine)) == Stored("70311", "70311")
    assert look(listed(OWN)) == look(listed()) == Absent()
    for content in (listed(OWN, total=101), listed(OWN, {"id_usulan": None})):
        with pytest.raises(UpstreamMalformedError):
            look(content)


def test_the_probe():
    asyncio.run(SPEC.probe(call(Scripted(answer()))))
    for content, error in ((answer(401), CredentialsRefusedError), (answer(404), UpstreamMalformedError)):
        with pytest.raises(error):
            asyncio.run(SPEC.probe(call(Scripted(content))))


LISTED = listed(OWN, {**OWN, "masalah": "Lampu\tpadam"})


@given(place=st.integers(0, len(LISTED) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(place, byte):
    try:
        batch = ask(LISTED[:place] + bytes([byte]) + LISTED[place + 1 :])
    except AdapterError:
        return
    assert all(isinstance(item, Usulan | Bad) for item in batch.items)
