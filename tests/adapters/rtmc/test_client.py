"""What the client makes of answers that the simulator never gives."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from adapters.contract import Bad, Call
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.legacy.dates import WITA
from adapters.rtmc import client
from adapters.rtmc.settings import Settings
from adapters.upstream import SoapElement, SoapFault, SoapRequest

NOW = datetime(2026, 11, 23, 23, 59, tzinfo=WITA)
SETTINGS = Settings.model_validate({"base_url": "http://127.0.0.1:9", "partner": "P", "password": "S3CRET"})


@dataclass
class Scripted:
    """Gives one answer after the other; remembers what it was asked."""

    answers: list[SoapElement | SoapFault]
    asked: list[SoapRequest] = field(default_factory=list)

    async def call(self, request):
        self.asked.append(request)
        return self.answers.pop(0)


def page(more="T", *rows, stamp="23/11/2026 23:58"):
    incidents = (SoapElement("kejadian", children=tuple(SoapElement(*column) for column in row)) for row in rows)
    return SoapElement(
        "DaftarKejadianResponse",
        children=(SoapElement("waktuData", "", stamp), SoapElement("adaLagi", "", more), *incidents),
    )


def row(key):
    return (("idKejadian", "", key), ("jenis", "", "LAKA"))


def fed(*answers, mark=None, feed=client.feed_incidents):
    up = Scripted(list(answers))

    async def collect():
        return [batch async for batch in feed(Call(SETTINGS, up, NOW), mark)]

    return asyncio.run(collect()), up.asked


def test_a_feed_goes_on_after_the_last_id():
    batches, asked = fed(page("Y", row("1"), row("2")), page("T", row("3")), mark="0")
    assert [batch.next for batch in batches] == ["2", None]
    assert [batch.as_of.isoformat() for batch in batches] == ["2026-11-23T23:58:00+08:00"] * 2
    sent = [{part.name: part.text for part in request.body.children} for request in asked]
    assert sent == [{"setelah": "0", "jumlah": "25"}, {"setelah": "2", "jumlah": "25"}]
    assert all(request.safe and "S3CRET" not in repr(request) for request in asked)


def test_rows_that_cannot_be_read_are_bad_and_the_rest_survives():
    twice = SoapElement("kejadian", children=(*[SoapElement("judul", "", "a")] * 2, SoapElement("idKejadian", "", "2")))
    nested = SoapElement("kejadian", children=(SoapElement("idKejadian", children=(SoapElement("a"),)),))
    first = page("T", row("1"))
    batches, _ = fed(SoapElement(first.name, children=(*first.children, twice, nested, SoapElement("kejadian"))))
    kinds = [isinstance(item, Bad) for item in batches[0].items]
    assert kinds == [False, True, True, True]


@pytest.mark.parametrize(
    "answer",
    [
        page("Y"),
        page("Y", row("")),
        page("Y", row("0")),
        page("Y", (("jenis", "", "LAKA"),)),
        page("?", row("1")),
        page(None, row("1")),
        SoapElement("DaftarKejadianResponse"),
        SoapElement("DaftarKejadianResponse", "", "text"),
    ],
    ids=range(8),
)
def test_a_page_that_does_not_say_how_to_go_on_is_malformed(answer):
    with pytest.raises(UpstreamMalformedError):
        fed(answer, mark="0")


@pytest.mark.parametrize("stamp", [None, "", "2026-11-23", "00/00/0000 00:00", "99/99/9999 99:99"])
def test_a_stamp_that_cannot_be_read_is_none(stamp):
    (batch,), _ = fed(page("T", stamp=stamp))
    assert batch.as_of is None


def _coded(code):
    return (SoapElement("kesalahan", children=(SoapElement("kode", "", code), SoapElement("pesan", "", "S3CRET"))),)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (SoapFault("Client", "S3CRET", _coded("401")), CredentialsRefusedError),
        (SoapFault("Server", "S3CRET", _coded(" 403 ")), CredentialsRefusedError),
        (SoapFault("Client", "S3CRET", _coded("400")), QueryRefusedError),
        (SoapFault("Client.Parameter", "S3CRET"), QueryRefusedError),
        (SoapFault("Client", "S3CRET", _coded(None)), QueryRefusedError),
        (SoapFault("Server", "S3CRET", _coded("503")), UpstreamUnavailableError),
        (SoapFault("VersionMismatch", "S3CRET"), UpstreamUnavailableError),
        (SoapFault("", "S3CRET"), UpstreamUnavailableError),
    ],
    ids=range(8),
)
@pytest.mark.parametrize("feed", [client.feed_incidents, client.feed_conditions])
def test_each_fault_and_its_words_stay_here(fault, error, feed):
    with pytest.raises(AdapterError) as raised:
        fed(fault, feed=feed)
    assert type(raised.value) is error
    assert "S3CRET" not in f"{raised.value!r} {raised.value.reason}"


def test_a_service_that_is_not_well_is_unavailable():
    up = Scripted([SoapElement("CekLayananResponse", children=(SoapElement("status", "", "PEMELIHARAAN"),))])
    with pytest.raises(UpstreamUnavailableError):
        asyncio.run(client.probe(Call(SETTINGS, up, NOW)))
