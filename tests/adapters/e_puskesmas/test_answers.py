"""The client against answers that no simulator gives."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Bad, Call, Subject
from adapters.e_puskesmas import client, normalise
from adapters.e_puskesmas.settings import Settings
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpAnswer
from schemas.health import AppointmentQuery
from simulators.people import DEMONSTRATION

RESIDENT = DEMONSTRATION["resident"].nik
STRANGER = "6371990101900012"
QUERY = AppointmentQuery()
SECRETS = ("cons_id", "secret_key", "username", "password", "user_key")
SETTINGS = Settings.model_validate({"base_url": "http://127.0.0.1:9", **dict.fromkeys(SECRETS, "made-up")})
ROW = {"noUrut": "A-1", "tglDaftar": "26-11-2026", "peserta": {"noKTP": RESIDENT}, "poli": {"kdPoli": "001"}}


class Canned:
    """Answers from a list, whatever is asked."""

    def __init__(self, *answers):
        self._answers = list(answers)

    async def send(self, _request):
        return self._answers.pop(0)


def call(now, *answers):
    return Call(settings=SETTINGS, up=Canned(*answers), now=now, office="pekauman", subject=Subject(nik=RESIDENT))


def raw(body, status=200, **headers):
    return HttpAnswer(status, {"content-type": "text/html", **headers}, body.encode())


def answer(response, code=200, *, message="OK", meta="metaData", status=200, **headers):
    body = json.dumps({"response": response, meta: {"message": message, "code": code}})
    return raw(body, status, **headers)


PARTICIPANT = answer({"noKartu": "0009900000011", "noKTP": RESIDENT})


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("given_answer", "error"),
    [
        (raw(""), UpstreamMalformedError),
        (raw("[]"), UpstreamMalformedError),
        (raw("[" * 10_000), UpstreamMalformedError),
        (raw('"NIK tidak ditemukan"'), UpstreamMalformedError),
        (raw('{"response":{}}'), UpstreamMalformedError),
        (answer("AAAA"), UpstreamMalformedError),
        (answer([1]), UpstreamMalformedError),
        (answer({"noKTP": STRANGER, "noKartu": "1"}), UpstreamMalformedError),
        (answer(None, "abc"), UpstreamMalformedError),
        (answer(None, 302), UpstreamMalformedError),
        (answer(None, "412"), QueryRefusedError),
        (answer("gagal", 201), QueryRefusedError),
        (answer(None, 503), UpstreamUnavailableError),
        (answer(None, 202, message="Kuota harian habis"), UpstreamUnavailableError),
        (raw("", 401), CredentialsRefusedError),
        (answer(None, 401, status=401, date="gestern"), CredentialsRefusedError),
        (answer(None, 401, message="X-timestamp", meta="metadata", date="gestern"), CredentialsRefusedError),
        (raw("", 404), QueryRefusedError),
    ],
)
async def test_each_has_its_error(given_answer, error, now):
    with pytest.raises(error) as raised:
        await client.ask_appointments(call(now, given_answer), QUERY, None)
    assert isinstance(raised.value, AdapterError)
    assert STRANGER not in str(raised.value)


@pytest.mark.anyio
@pytest.mark.parametrize("code", [200, "200"])
@pytest.mark.parametrize("meta", ["metaData", "metadata"])
async def test_codes_of_every_type_under_either_name_and_content_in_the_clear(meta, code, now):
    with_mark = raw("\ufeff" + PARTICIPANT.content.decode())
    page = answer({"list": [ROW], "count": "1"}, code, meta=meta)
    batch = await client.ask_appointments(call(now, with_mark, page), QUERY, None)
    assert normalise.appointment(batch.items[0]).body.number == "A-1"
    assert batch.next is None


@pytest.mark.anyio
async def test_one_bad_row_does_not_spoil_the_page_nor_end_the_paging(now):
    page = answer({"list": [ROW, {"noUrut": RESIDENT}, 7, ROW], "count": 9})
    batch = await client.ask_appointments(call(now, PARTICIPANT, page), QUERY, None)
    assert [isinstance(item, Bad) for item in batch.items] == [False, True, True, False]
    assert RESIDENT not in repr(batch)
    assert batch.next == "4"


@pytest.mark.anyio
@pytest.mark.parametrize("nothing", [[], None, ""])
async def test_a_count_that_lies_does_not_page_for_ever(nothing, now):
    page = answer({"list": nothing, "count": 9})
    batch = await client.ask_appointments(call(now, PARTICIPANT, page), QUERY, "4")
    assert (batch.items, batch.next) == ((), None)


@pytest.mark.anyio
async def test_who_has_no_card_has_no_bookings(now):
    batch = await client.ask_appointments(call(now, answer({"noKartu": " ", "noKTP": RESIDENT})), QUERY, None)
    assert batch.items == ()


@pytest.mark.anyio
async def test_a_queue_that_the_centre_does_not_know_is_left_out_and_a_bad_clinic_is_counted(now):
    listed = [{"kodepoli": "001", "kdProvider": "1"}, {"namapoli": "?"}, {"kodepoli": "0/2", "kdProvider": "1"}]
    unknown = answer(None, 201, message="Poli tidak ditemukan", meta="metadata")
    known = answer({"totalantrean": "3", "kdProvider": "another"}, meta="metadata")
    batches = [b async for b in client.feed_queues(call(now, answer(listed), unknown, known), None)]
    bad, row = batches[0].items
    assert isinstance(bad, Bad)
    assert (row.kodepoli, row.kdProvider, row.totalantrean) == ("0/2", "1", "3")


@pytest.mark.anyio
async def test_no_clinic_open_means_no_queue(now):
    nothing = answer(None, "201", message="Tidak ada", meta="metadata")
    batches = [b async for b in client.feed_queues(call(now, nothing), None)]
    assert [(b.items, b.whole) for b in batches] == [((), True)]


def run(coroutine):
    """Run a coroutine that never waits for anything."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


@given(st.integers(0, 400), st.binary(max_size=3), st.booleans())
def test_damage_raises_nothing_but_the_trees_errors(now, place, patch, cut):
    good = answer({"list": [ROW, ROW], "count": "2"}).content
    content = good[:place] + patch + (b"" if cut else good[place + len(patch) :])
    try:
        batch = run(client.ask_appointments(call(now, PARTICIPANT, HttpAnswer(200, {}, content)), QUERY, None))
    except AdapterError:
        return
    for item in batch.items:
        if not isinstance(item, Bad):
            try:
                normalise.appointment(item)
            except normalise.UnusableRecordError:
                continue
