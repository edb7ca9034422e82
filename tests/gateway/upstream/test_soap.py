"""SOAP 1.1 over the stack: what leaves, what comes back as an answer or a fault, and what is neither."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import process_time
from typing import Any

import pytest
from lxml.etree import fromstring

from adapters.contract import Soap
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    NotSentError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpAnswer, SoapElement, SoapFault, SoapRequest
from gateway.ground.deadline import Deadline
from gateway.upstream.http.soap_envelope import is_client_fault
from gateway.upstream.layers.circuit import BreakerState

pytestmark = pytest.mark.anyio

NS = "urn:example:traffic"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CANARY = "6371994502900011"
ASKED = SoapRequest(
    "/roads",
    f"{NS}/Roads",
    SoapElement("Roads", NS, children=(SoapElement("name", NS, "A & <B>"), SoapElement("none", NS))),
    header=(SoapElement("Who", NS, children=(SoapElement("secret", NS, "pässword"),)),),
)


def envelope(body: str, header: str = "", soap: str = SOAP) -> bytes:
    return (f'<s:Envelope xmlns:s="{soap}" xmlns:r="{NS}">{header}<s:Body>{body}</s:Body></s:Envelope>').encode()


def fault(code: str, more: str = "") -> bytes:
    return envelope(f"<s:Fault><faultcode>{code}</faultcode><faultstring> No\n {CANARY} </faultstring>{more}</s:Fault>")


ANSWER = envelope("<r:RoadsResponse><r:road>A. Yani</r:road><r:road>Veteran</r:road></r:RoadsResponse>")


def up(reach: Any, seconds: float = 5, **transport: Any) -> Any:
    row: Soap[Any] = Soap(**transport)
    deadline = Deadline.after(timedelta(seconds=seconds))
    return reach.upstreams.call(reach.spec, None, reach.settings, row, deadline=deadline).up


def replies(body: bytes, status: int = 200, **headers: str) -> Callable[[Any], Awaitable[None]]:
    lines = {"Content-Type": "text/xml; charset=utf-8"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return lambda seen: seen.reply(body, status, lines)


async def test_a_call_leaves_as_soap_1_1_and_its_answer_comes_back(reach, server):
    server.script = replies(ANSWER)
    answer = await up(reach()).call(ASKED)
    assert isinstance(answer, SoapElement)
    assert [road.text for road in answer.named("road")] == ["A. Yani", "Veteran"]
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/api/roads")
    assert seen.headers["soapaction"] == f'"{NS}/Roads"'
    assert seen.headers["content-type"] == "text/xml; charset=utf-8"
    sent = fromstring(seen.body)
    assert sent.tag == f"{{{SOAP}}}Envelope"
    assert sent.findtext(f"{{{SOAP}}}Header/{{{NS}}}Who/{{{NS}}}secret") == "pässword"
    assert sent.findtext(f"{{{SOAP}}}Body/{{{NS}}}Roads/{{{NS}}}name") == "A & <B>"
    assert "pässword" not in repr(ASKED)


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_a_fault_is_an_answer_whatever_the_status(reach, server, status):
    detail = f"<detail><r:why><r:code>7</r:code><r:who>{CANARY}</r:who></r:why></detail>"
    server.script = replies(fault("s:Client.Authentication", detail), status)
    found = await up(reach()).call(ASKED)
    assert isinstance(found, SoapFault)
    assert (found.code, found.reason, found.is_client_fault) == ("Client.Authentication", f"No {CANARY}", True)
    assert [part.text for part in found.detail[0].named("code")] == ["7"]
    assert CANARY not in repr(found)


def test_whom_a_fault_blames_is_found_soon():
    hostile = HttpAnswer(500, {}, b"<faultcode" * 6_553)
    began = process_time()
    assert not any(is_client_fault(hostile) for _ in range(10))
    assert process_time() - began < 0.5
    assert is_client_fault(HttpAnswer(500, {}, b"<s:faultcode a='b'>\n s:Client.Authentication</s:faultcode>"))


async def test_a_fault_whose_parts_have_a_namespace_is_read_too(reach, server):
    server.script = replies(envelope("<s:Fault><s:faultcode>Server</s:faultcode></s:Fault>"), 500)
    found = await up(reach()).call(ASKED)
    assert (found.code, found.reason, found.detail, found.is_client_fault) == ("Server", "", (), False)


async def test_a_fault_that_blames_the_call_does_not_open_the_circuit_and_one_of_the_servers_does(reach, server):
    asking = reach()
    for code, state in (("s:Client", BreakerState.CLOSED), ("s:Server", BreakerState.OPEN)):
        server.script = replies(fault(code), 500)
        for _ in range(5):
            assert isinstance(await up(asking).call(ASKED), SoapFault)
        assert asking.upstreams.status("register", None).circuit is state


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, UpstreamMalformedError),
        (401, CredentialsRefusedError),
        (403, CredentialsRefusedError),
        (404, QueryRefusedError),
        (429, UpstreamUnavailableError),
        (500, UpstreamUnavailableError),
        (503, UpstreamUnavailableError),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html><body>Error</body></html>", ANSWER])
async def test_a_status_without_a_fault_means_what_it_says(reach, server, status, error, body):
    server.script = replies(body, status)
    with pytest.raises(error):
        await up(reach()).call(ASKED)


MALFORMED = {
    "nothing": b"",
    "a page": f"<!DOCTYPE html><html><body>{CANARY}</body></html>".encode(),
    "text": CANARY.encode(),
    "cut off": ANSWER[:-20],
    "another root": f"<r:Envelope xmlns:r='{NS}'/>".encode(),
    "SOAP 1.2": envelope("<r:RoadsResponse/>", soap="http://www.w3.org/2003/05/soap-envelope"),
    "another namespace": ANSWER.replace(NS.encode(), b"urn:example:other"),
    "another operation": envelope("<r:OtherResponse/>"),
    "an empty body": envelope(""),
    "no body": f'<s:Envelope xmlns:s="{SOAP}"/>'.encode(),
    "two bodies": ANSWER.replace(b"</s:Body>", b"</s:Body><s:Body/>"),
    "two answers": envelope("<r:RoadsResponse/><r:RoadsResponse/>"),
    "a header that must be understood": envelope(
        "<r:RoadsResponse/>", '<s:Header><r:x s:mustUnderstand="1"/></s:Header>'
    ),
    "a document type": b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'>" + ANSWER,
    "a fault with a document type": b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + fault("s:Client"),
    "an entity": ANSWER.replace(b"Veteran", b"&veteran;"),
    "deep": ANSWER.replace(b"Veteran", b"<a>" * 10_000 + b"</a>" * 10_000),
    "an attachment": ANSWER.replace(
        b"Veteran", b"<x:Include xmlns:x='http://www.w3.org/2004/08/xop/include' href='cid:1'/>"
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_what_is_no_answer_is_malformed_and_says_nothing_of_itself(reach, server, case):
    server.script = replies(MALFORMED[case])
    with pytest.raises(UpstreamMalformedError) as refused:
        await up(reach()).call(ASKED)
    assert CANARY not in str(refused.value)
    assert refused.value.__context__ is None
    # Under 500 it is no fault either: then the status counts.
    server.script = replies(MALFORMED[case], 500)
    with pytest.raises(UpstreamUnavailableError):
        await up(reach()).call(ASKED)


async def test_attachments_by_media_type_and_too_many_bytes_or_elements(reach, server):
    server.script = replies(ANSWER, Content_Type='multipart/related; type="application/xop+xml"; boundary=x')
    with pytest.raises(UpstreamMalformedError, match="attachments"):
        await up(reach()).call(ASKED)
    server.script = replies(ANSWER)
    for bound in ({"max_bytes": len(ANSWER) - 1}, {"max_elements": 4}):
        with pytest.raises(UpstreamMalformedError):
            await up(reach(), **bound).call(ASKED)
    assert await up(reach(), max_bytes=len(ANSWER), max_elements=5).call(ASKED)


async def test_the_rows_charset_counts_before_what_the_system_says(reach, server):
    declared = b'<?xml version="1.0" encoding="ISO-8859-1"?>'
    server.script = replies(declared + ANSWER.decode().replace("Veteran", "Km 1–4").encode("cp1252"))
    answer = await up(reach(), charset="windows-1252").call(ASKED)
    assert answer.named("road")[1].text == "Km 1–4"
    answer = await up(reach()).call(ASKED)
    assert answer.named("road")[1].text == "Km 1\ufffd4"


async def test_a_large_answer_is_read_beside_the_loop(reach, server):
    road = b"<r:road>" + b"x" * 20 + b"</r:road>"
    server.script = replies(envelope("<r:RoadsResponse/>").replace(b"/>", b">" + road * 20_000 + b"</r:RoadsResponse>"))
    answer = await up(reach()).call(ASKED)
    assert len(answer.children) == 20_000


@pytest.mark.parametrize("bad", ["no name", "1", "a:b", ""])
async def test_what_xml_does_not_have_is_not_sent(reach, server, bad):
    with pytest.raises(QueryRefusedError):
        await up(reach()).call(SoapRequest("/", NS, SoapElement(bad, NS)))
    with pytest.raises(QueryRefusedError):
        await up(reach()).call(SoapRequest("/", NS, SoapElement("a", NS, "\x00")))
    assert not server.seen


async def test_time_counts_as_for_any_request(reach, server):
    async def hang(_seen):
        await asyncio.sleep(30)

    server.script = hang
    with pytest.raises(UpstreamTimeoutError):
        await up(reach(), seconds=0.2).call(ASKED)


async def test_an_unsafe_call_is_known_to_have_left_or_not(reach, server):
    unsafe = SoapRequest(ASKED.path, ASKED.action, ASKED.body, safe=False)

    async def lose(seen):
        seen.reset()

    server.script = lose
    asking = up(reach())
    assert not asking.wrote
    with pytest.raises(AdapterError) as lost:
        await asking.call(unsafe)
    assert not isinstance(lost.value, NotSentError)
    assert asking.wrote
    assert len(server.seen) == 1
    await server.stop()
    asking = up(reach())
    with pytest.raises(NotSentError):
        await asking.call(unsafe)
    assert not asking.wrote
