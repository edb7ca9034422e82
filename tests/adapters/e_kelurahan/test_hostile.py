"""Answers that are damaged, or meant to do damage: each gives an answer or an error of the tree, nothing else."""

import asyncio
import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from adapters.contract import Absent, Bad, Call, Refused, Stored, Subject
from adapters.e_kelurahan import SPEC, client
from adapters.e_kelurahan.answers import asks_to_log_in
from adapters.e_kelurahan.settings import Settings
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpAnswer
from gateway.ground.clock import now
from schemas.application import ApplicationQuery, SubmitApplication

RECORDED = Path(__file__).parent / "recorded"
NIK = "6371994502900011"
SETTINGS = Settings(base_url="http://127.0.0.1:9", username="gerbang", password=SecretStr("rahasia"))
COMMAND = SubmitApplication(kind="domicile", region="63.71.01.1001", text="Melamar pekerjaan")
ALERT = b'<div class="alert alert-danger">Layanan tidak tersedia.</div><form id="baru"'


def body(name):
    return (RECORDED / name).read_bytes()


def page(content, status=200, **headers):
    return HttpAnswer(status, {"content-type": "text/html", **headers}, content, {"ci_session": "a"})


LOGIN = page(body("login.html"))
GOOD = {
    "list": page(body("resident.json")),
    "detail": page(body("detail.html")),
    "form": page(body("form.html")),
    "home": page(body("home.html")),
    "letter": page(body("letter.pdf")),
    "catalogue": page(body("catalogue.json")),
    "login": LOGIN,
    "stored": page(b"moved", 303, location="/permohonan/surat/0456"),
    "inside": page(b"moved", 303, location="/beranda"),
    "refused": page(body("form.html").replace(b'<form id="baru"', ALERT)),
}


class Replay:
    """An upstream that answers what it was given, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    async def send(self, request):
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def call(*answers):
    return Call(settings=SETTINGS, up=Replay(*answers), now=now(), subject=Subject(nik=NIK))


async def submit(asking):
    return await SPEC.writes[0].send(asking, COMMAND, "GB-1234")


async def look(asking):
    return await SPEC.writes[0].look(asking, COMMAND, "GB-1234")


async def feed(asking):
    return [batch async for batch in client.feed_letters(asking, None)]


ACTIONS = {
    "ask": (lambda asking: client.ask(asking, ApplicationQuery(), None), ("list",)),
    "one": (lambda asking: client.one(asking, "surat/0001"), ("detail",)),
    "content": (lambda asking: client.content(asking, "surat/0001", "2"), ("detail", "letter")),
    "feed": (feed, ("catalogue",)),
    "login": (client.log_in, ("login", "inside")),
    "probe": (client.probe, ("home",)),
    "submit": (submit, ("form", "stored")),
    "refusal": (submit, ("form", "refused")),
    "look": (look, ("list",)),
}


def run(action, *answers):
    act, _ = ACTIONS[action]
    return asyncio.run(act(call(*answers)))


def test_what_is_recorded_is_understood():
    assert len(run("ask", GOOD["list"]).items) >= 4
    assert run("one", GOOD["detail"]).key == "surat/0001"
    assert run("content", GOOD["detail"], GOOD["letter"]).content.startswith(b"%PDF")
    assert run("login", LOGIN, GOOD["inside"]).cookies == {"ci_session": "a"}
    assert run("submit", GOOD["form"], GOOD["stored"]) == Stored("surat/0456", "S-0456")
    refused = run("refusal", GOOD["form"], GOOD["refused"])
    assert refused == Refused("service-not-offered", "Layanan tidak tersedia.")
    assert run("look", GOOD["list"]) == Absent()


@st.composite
def damaged(draw, content):
    """The bytes with one thing done to them."""
    start = draw(st.integers(0, len(content)))
    end = draw(st.integers(start, min(len(content), start + 400)))
    put = draw(st.binary(max_size=12) | st.sampled_from([b'"', b"<", b"{" * 40, b"[" * 40, b"\xef\xbb\xbf", b"\x00"]))
    return content[:start] + put + draw(st.sampled_from([content[end:], b"", content[start:]]))


@given(st.data())
def test_damage_raises_nothing_but_the_tree(data):
    action = data.draw(st.sampled_from(sorted(ACTIONS)))
    answers = [GOOD[name] for name in ACTIONS[action][1]]
    victim = data.draw(st.integers(0, len(answers) - 1))
    answers[victim] = HttpAnswer(
        data.draw(st.sampled_from([200, 200, 200, 200, 204, 302, 400, 404, 500])),
        {"location": data.draw(st.sampled_from(["", "/", "http://[", "/permohonan/surat/1/2", "//elsewhere.invalid"]))},
        data.draw(damaged(answers[victim].content)),
        {},
    )
    shown = ""
    try:
        run(action, *answers)
    except AdapterError as error:
        shown = f"{error!r} {error.__context__!r}"
    assert NIK not in shown


@given(st.data())
def test_the_undamaged_rows_of_a_page_survive(data):
    table = json.loads(body("resident.json").decode("cp1252"))
    before = run("ask", GOOD["list"]).items
    victim = data.draw(st.integers(0, len(before) - 1))
    anything = st.none() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
    row = table["data"][victim]
    table["data"][victim] = data.draw(
        anything | st.builds(lambda k, v: {**row, k: v}, st.sampled_from(sorted(row)), anything)
    )
    content = json.dumps(table).encode()
    after = run("ask", page(content)).items
    assert len(after) == len(before)
    assert [after[i] == before[i] for i in range(len(before)) if i != victim] == [True] * (len(before) - 1)
    bad = after[victim]
    assert not isinstance(bad, Bad) or NIK not in bad.reason


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (page(b""), UpstreamMalformedError),
        (page(b"[]"), UpstreamMalformedError),
        (page(b'"NIK tidak ditemukan"'), UpstreamMalformedError),
        (page(b"[" * 10_000 + b"]" * 10_000), UpstreamMalformedError),
        (page(b'{"recordsFiltered":"-1","data":[]}'), UpstreamMalformedError),
        (page(b"<!DOCTYPE html><html><h1>Service Unavailable</h1></html>"), UpstreamMalformedError),
        (LOGIN, UpstreamUnavailableError),
        (page(b"", 302, location="http://elsewhere.invalid/masuk"), UpstreamMalformedError),
        (page(b"", 303, location="/login"), UpstreamUnavailableError),
        (page(b"Server sibuk", 503), UpstreamUnavailableError),
        (page(b"", 401), CredentialsRefusedError),
        (page(b"", 403), CredentialsRefusedError),
        (page(b"", 404), QueryRefusedError),
        (page(b"", 409), QueryRefusedError),
        (page(b"", 429), UpstreamUnavailableError),
        (page(b"", 204), UpstreamMalformedError),
    ],
)
@pytest.mark.parametrize("action", ["ask", "one", "content", "feed", "probe", "submit", "look"])
def test_no_answer_is_no_answer(action, answer, error):
    with pytest.raises(error):
        run(action, answer)


def test_the_login_page_is_known_by_what_it_asks():
    assert asks_to_log_in(LOGIN)
    assert asks_to_log_in(page(b"", 302, location="http://127.0.0.1:9/login"))
    assert not any(asks_to_log_in(answer) for name, answer in GOOD.items() if name != "login")


def test_a_login_that_is_refused_and_one_that_fails():
    said = page(body("login.html").replace(b"<h3>", b'<div class="alert alert-danger">Login tidak berhasil.</div><h3>'))
    with pytest.raises(CredentialsRefusedError):
        run("login", LOGIN, said)
    for answer in (LOGIN, page(b"", 403), page(b"", 502)):
        with pytest.raises(UpstreamUnavailableError):
            run("login", LOGIN, answer)


def test_a_file_is_fetched_from_where_files_lie_and_nowhere_else():
    for link in (b"http://elsewhere.invalid/berkas/2", b"//elsewhere.invalid/berkas/2", b"/berkas/../keluar"):
        detail = page(body("detail.html").replace(b"/berkas/2", link))
        file = run("one", detail).berkas[1]
        for document_id, there in ((file.document_id, True), ("2", False)):
            asking = call(detail, GOOD["letter"])
            with pytest.raises(UpstreamMalformedError) if there else nullcontext():
                assert asyncio.run(client.content(asking, "surat/0001", document_id)) is None
            assert [request.path for request in asking.up.requests] == ["/permohonan/surat/0001"]


def test_a_file_is_found_by_its_number_wherever_its_row_is():
    rows = body("detail.html").replace(b"/berkas/1", b"/berkas/x").replace(b"/berkas/2", b"/berkas/1")
    swapped = rows.replace(b"/berkas/x", b"/berkas/2")
    for detail, name in ((body("detail.html"), "letter-2.pdf"), (swapped, "attachment-2.pdf")):
        asking = call(page(detail), GOOD["letter"])
        assert asyncio.run(client.content(asking, "surat/0001", "2")).filename == name
        assert asking.up.requests[-1].path == "/berkas/2"


@pytest.mark.parametrize(
    ("region", "names"),
    [
        ("63.71.01.1001", {"kelurahan": "Mantuil", "kecamatan": "Banjarmasin Selatan"}),
        ("63.71.01", {"kecamatan": "Banjarmasin Selatan"}),
        ("63.71", {}),
    ],
)
def test_a_region_is_named_to_the_system_as_what_it_is(region, names):
    asking = replace(call(GOOD["list"]), subject=None)
    asyncio.run(client.ask(asking, ApplicationQuery(region=region), None))
    (request,) = asking.up.requests
    assert {name: value for name, value in request.query if name not in {"start", "length"}} == names


@pytest.mark.parametrize("content", [b"%PDF-1.4\n", b"<html>Service Unavailable</html>", b""])
def test_half_a_file_is_no_file(content):
    with pytest.raises(UpstreamMalformedError):
        run("content", GOOD["detail"], page(content))


def test_another_application_than_was_asked_for_is_not_shown():
    other = page(body("detail.html").replace(b'name="id" value="0001"', b'name="id" value="0002"'))
    with pytest.raises(UpstreamMalformedError):
        run("one", other)


def test_a_look_that_sees_a_damaged_row_does_not_call_it_absent():
    table = {"recordsFiltered": "1", "data": [{"tabel": "surat"}]}
    with pytest.raises(UpstreamMalformedError):
        run("look", page(json.dumps(table).encode()))
    table = {"recordsFiltered": "99", "data": []}
    with pytest.raises(UpstreamMalformedError):
        run("look", page(json.dumps(table).encode()))


def test_only_the_code_at_the_end_counts():
    def found(purpose):
        row = {"tabel": "surat", "id": "0009", "keperluan": purpose}
        return run("look", page(json.dumps({"recordsFiltered": "1", "data": [row]}).encode()))

    assert found("Melamar [GB-1234] ") == Stored("surat/0009", "S-0009")
    assert found("Melamar [GB-1234] pekerjaan") == Absent()


def test_a_list_that_never_ends_does_not_stay_on_one_mark():
    row = {"tabel": "surat", "id": "0001"}
    same = page(json.dumps({"recordsFiltered": "9999", "data": [row] * 50}).encode())
    marks, mark = [], None
    for _ in range(5):
        mark = asyncio.run(client.ask(call(same), ApplicationQuery(), mark)).next
        marks.append(mark)
    assert len(set(marks)) == len(marks)


def test_only_safe_requests_may_be_repeated():
    asking = call(GOOD["form"], GOOD["stored"])
    asyncio.run(submit(asking))
    form, post = asking.up.requests
    assert (form.method, form.safe) == ("GET", True)
    assert (post.method, post.path, post.safe) == ("POST", "/permohonan/simpan", False)
    fields = parse_qs(post.content.decode("ascii"))
    assert fields["keperluan"] == ["Melamar pekerjaan [GB-1234]"]
    assert fields["csrf_test_name"] == ["0" * 32]
    assert NIK not in repr(post)
