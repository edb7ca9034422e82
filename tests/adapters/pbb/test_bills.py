"""The suite that every implementation of pbb's remote adapter passes: what it brings, and what it refuses to bring."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.contract import Batch, Subject
from adapters.errors import QueryRefusedError, UpstreamMalformedError
from schemas.bill import Bill, BillStatus
from schemas.codes import Phase
from schemas.dates import Period
from schemas.doubts import DoubtCode
from schemas.places import RegionReference
from schemas.resources import Owner
from simulators.people import DEMONSTRATION
from tests.adapters.pbb.conftest import OverPbb, over

pytestmark = pytest.mark.anyio

NOTICE = {"kind": "notice"}


def nik(person: str) -> str:
    return DEMONSTRATION[person].nik


async def test_the_probe_finds_what_was_granted(pbb: OverPbb) -> None:
    await pbb.probe()
    assert {(read["path"], read["method"]) for read in pbb.simulator.state.received.as_json()} == {
        ("/probe", "GET"),
        ("/adapter", "GET"),
    }


async def test_a_resident_gets_their_bills(pbb: OverPbb) -> None:
    found = await pbb.bills(nik("resident"))
    bodies: list[Bill] = [normal.body for normal in found]
    this_year = pbb.simulator.state.clock.today().year
    assert [body.period for body in bodies] == [Period.year(this_year - age) for age in range(3)]
    assert [body.status for body in bodies] == [BillStatus.UNPAID, BillStatus.OVERDUE, BillStatus.PAID]
    due, late, paid = bodies
    assert due.amount is not None
    assert due.amount.amount == Decimal("85500.00")
    assert late.penalty is not None
    assert late.penalty.amount == Decimal("20520.00")
    assert late.total_due is not None
    assert late.total_due.amount == Decimal("106020.00")
    assert due.paid_on is None
    assert paid.paid_on is not None
    assert due.object is not None
    assert due.object.number is not None
    assert re.fullmatch(r"\d{18}", due.object.number)
    assert due.object == late.object == paid.object  # the number of the object, which is the same in all years
    address = due.object.address
    assert address is not None
    assert address.text is not None
    assert address.text.startswith("JL. ")
    assert address.region == RegionReference(code="63.71.01.1001", name="Mantuil")
    owner = pbb.spec.reads[0].resource.owner
    assert owner is not None
    assert {owner(body) for body in bodies} == {Owner(nik=nik("resident"), region="63.71.01.1001")}
    assert [body.phase for body in bodies] == [Phase.WAITING_FOR_YOU, Phase.WAITING_FOR_YOU, Phase.DONE]
    assert not any(normal.doubts for normal in found)


async def test_doubts_come_with_the_records(pbb: OverPbb) -> None:
    found = await pbb.bills(nik("resident-damaged"))
    told = [{doubt.field: doubt.code for doubt in normal.doubts} for normal in found]
    assert told == [{"/amount": DoubtCode.NUMBER_AMBIGUOUS}, {}, {"/paid_on": DoubtCode.DATE_ZERO}]
    assert (found[0].body.amount, found[0].body.total_due) == (None, None)
    assert found[2].body.status is BillStatus.PAID


async def test_pages_neither_repeat_nor_lose(pbb: OverPbb) -> None:
    row = pbb.spec.reads[0]
    assert row.ask is not None
    pages: list[Batch[Any]] = []
    mark: str | None = None
    while not pages or mark is not None:
        pages.append(await row.ask(pbb.call(Subject(nik=nik("resident-renamed"))), row.resource.query(), mark))
        mark = pages[-1].next
    keys = [row.key(item) for page in pages for item in page.items]
    assert [len(page.items) for page in pages] == [10, 3]
    assert len(set(keys)) == len(keys) == 13


async def test_the_year_is_honoured(pbb: OverPbb) -> None:
    year = pbb.simulator.state.clock.today().year - 1
    (only,) = await pbb.bills(nik("resident-renamed"), year=year)
    assert only.body.period == Period.year(year)
    assert await pbb.bills(nik("resident-renamed"), year=1901) == []


async def test_a_stranger_has_none_and_nobody_is_refused(pbb: OverPbb) -> None:
    row = pbb.spec.reads[0]
    assert row.ask is not None
    assert await pbb.bills("6371994101900010") == []
    with pytest.raises(QueryRefusedError):
        await row.ask(pbb.call(), row.resource.query(), None)
    await pbb.control("DELETE", "/received")
    assert await row.ask(pbb.call(Subject()), row.resource.query(), None) == Batch(())
    assert pbb.simulator.state.received.as_json() == []


async def test_a_mark_that_was_never_given_is_refused(pbb: OverPbb) -> None:
    row = pbb.spec.reads[0]
    assert row.ask is not None
    for mark in ("x", "-1", "9" * 400):
        with pytest.raises(QueryRefusedError):
            await row.ask(pbb.call(Subject(nik=nik("resident"))), row.resource.query(), mark)


async def test_no_number_stands_outside_of_a_body(pbb: OverPbb) -> None:
    await pbb.bills(nik("resident"))
    for received in pbb.simulator.state.received.as_json():
        assert nik("resident") in received["body"]
        assert nik("resident") not in f"{received['path']} {received['query']} {received['headers']}"


ODD: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"PBB_YG_HARUS_DIBAYAR_SPPT": "12,500"}, {"amount": None, "doubt": "number-ambiguous"}),
    ({"PBB_YG_HARUS_DIBAYAR_SPPT": "1.250.000"}, {"amount": "1250000.00"}),
    ({"PBB_YG_HARUS_DIBAYAR_SPPT": "1.250.000", "DENDA": "12,500"}, {"total_due": "1262500.00"}),
    ({"PBB_YG_HARUS_DIBAYAR_SPPT": "9" * 18, "DENDA": "1"}, {"total_due": "1" + "0" * 18 + ".00"}),
    ({"PBB_YG_HARUS_DIBAYAR_SPPT": "1" + "0" * 18}, {"amount": "1" + "0" * 18 + ".00", "total_due": None}),
    ({"PBB_YG_HARUS_DIBAYAR_SPPT": "1.250.000", "DENDA": ""}, {"penalty": None, "total_due": None}),
    ({"PBB_YG_HARUS_DIBAYAR_SPPT": "1250000"}, {"amount": "1250000.00"}),
    ({"PBB_YG_HARUS_DIBAYAR_SPPT": ""}, {"amount": None}),
    ({"DENDA": "12,500"}, {"penalty": "12500.00"}),
    ({"DENDA": "12.500"}, {"penalty": None, "total_due": None, "doubt": "number-ambiguous"}),
    ({"TGL_JATUH_TEMPO_SPPT": "31-02-2026"}, {"due_on": None, "doubt": "date-impossible"}),
    ({"TGL_JATUH_TEMPO_SPPT": "0000-00-00"}, {"due_on": None, "doubt": "date-impossible"}),
    ({"STATUS_PEMBAYARAN_SPPT": "9"}, {"status": "unknown", "phase": None, "doubt": "status-unknown"}),
    ({"STATUS_PEMBAYARAN_SPPT": ""}, {"status": "unknown", "phase": None, "doubt": "field-missing"}),
    ({"STATUS_PEMBAYARAN_SPPT": "0"}, {"status": "overdue"}),
    ({"STATUS_PEMBAYARAN_SPPT": "1", "TGL_PEMBAYARAN_SPPT": "17-08-2019"}, {"status": "paid", "paid_on": "2019-08-17"}),
    ({"STATUS_PEMBAYARAN_SPPT": "2"}, {"status": "cancelled"}),
    ({"KD_WILAYAH": "63.71"}, {"region": None, "address": "JL. UJI", "doubt": "region-unknown"}),
    ({"KD_WILAYAH": "63.71", "ALAMAT_OP": ""}, {"region": None, "address": None, "doubt": "region-unknown"}),
    ({"NM_WP_SPPT": ""}, {"name": None}),
]


async def test_odd_columns_are_read_alike_by_each_implementation(pbb: OverPbb) -> None:
    for number, (columns, _expected) in enumerate(ODD, start=1):
        fields = {
            "NOP": f"63.71.010.001.999-{number:04d}.0",
            "THN_PAJAK_SPPT": "2019",
            "ALAMAT_OP": "JL. UJI",
            "TGL_JATUH_TEMPO_SPPT": "30-09-2019",
            **columns,
        }
        await pbb.control("POST", "/records", {"kind": "notice", "fields": fields})
    found = await pbb.bills(nik("resident"), year=2019)
    assert len(found) == len(ODD)
    for (columns, expected), normal in zip(ODD, found, strict=True):
        body = normal.body.model_dump(mode="json")
        address = body["object"]["address"] or {"text": None, "region": None}
        said = {
            **body,
            "amount": _sum(body["amount"]),
            "penalty": _sum(body["penalty"]),
            "total_due": _sum(body["total_due"]),
            "name": body["payer"]["name"],
            "address": address["text"],
            "region": address["region"],
        }
        doubts = [doubt.code for doubt in normal.doubts]
        assert doubts == ([expected["doubt"]] if "doubt" in expected else []), columns
        # Status and amounts are specific data, and the payer's are personal: their words stay out of the doubts.
        assert all(doubt.original is None for doubt in normal.doubts), columns
        assert {name: said[name] for name in expected if name != "doubt"} == {
            name: value for name, value in expected.items() if name != "doubt"
        }, columns


def _sum(money: dict[str, str] | None) -> str | None:
    return money["amount"] if money else None


@pytest.mark.parametrize("written", ["'26", "0000", ""])
async def test_a_notice_without_a_year_is_set_aside_and_the_rest_survives(pbb: OverPbb, written: str) -> None:
    await pbb.control("POST", "/records", {"kind": "notice", "fields": {"THN_PAJAK_SPPT": written}})
    row = pbb.spec.reads[0]
    assert row.ask is not None
    batch = await row.ask(pbb.call(Subject(nik=nik("resident"))), row.resource.query(), None)
    reasons = [item.reason for item in batch.items if not hasattr(item, "body")]
    assert reasons == ["no-number-or-year"]
    assert len(batch.items) == 4


@pytest.mark.processes
async def test_both_implementations_say_the_same(tmp_path: Any) -> None:
    said = []
    for implementation in ("python", "php"):
        folder = tmp_path / implementation
        folder.mkdir()
        async with over(implementation, folder) as pbb:
            people = [person.nik for person in pbb.simulator.state.people[:200:7] if person.nik]
            said.append([await pbb.bills(number) for number in people])
    assert said[0] == said[1]
    assert sum(map(len, said[0])) > 20


async def test_another_grant_than_the_adapter_claims_fails_the_probe(pbb: OverPbb) -> None:
    prober = pbb.spec.probe.__self__  # type: ignore[attr-defined]  # the bound method of the rows' prober
    narrower = prober.granted.model_copy(update={"needs": frozenset(), "version": "1.0.1"})
    changed = type(prober)(prober.system, narrower)
    deadline_call = pbb._call(pbb.spec.probe_transport, None, 5.0, {})
    with pytest.raises(UpstreamMalformedError) as raised:
        await changed.probe(deadline_call)
    assert raised.value.reason == "the description of the adapter differs from the grant: version, needs"
    assert pbb.spec.limits.slowest == timedelta(seconds=5)
