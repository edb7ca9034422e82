"""A remote adapter that misbehaves costs nobody anything but its own answer."""

import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Bad
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UnusableRecordError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.remote.bodies import body_of
from adapters.remote.wire import Item, Page
from schemas.bill import BILL, Bill, BillStatus
from schemas.codes import Phase
from schemas.dates import Period
from schemas.texts import Text
from simulators.pbb.adapter.protocol import Answer, Question
from tests.adapters.remote.conftest import NIK, SECRET, Gate, Rogue, bill
from tests.loops import examples

pytestmark = pytest.mark.anyio

OTHERS = "6371992311850027"


LIES: dict[str, Any] = {
    "a year as number": {"period": {"start": 2026, "end": 2026}},
    "a month that there is none": {"period": {"start": "2026-13"}},
    "a day in words": {"period": {"start": "hari ini"}},
    "a text as number": {"object": {"number": 637101000100000010}},
    "a number as text": {"payer": {"identifiers": [{"scheme": "nik", "value": NIK, "exact": "true"}]}},
    "the former shape of a year": {"year": 2026},
    "the former shape of a place": {"place": "JL. CONTOH", "region": None},
    "the former shape of a code": {"kind": {"system": "bill-kind", "code": "c", "display": {"id": "PBB"}}},
    "a date as number": {"due_on": 1_795_392_000},
    "a date with a time": {"due_on": "2026-12-31T00:00:00"},
    "an unknown word": {"status": "belum"},
    "an unknown phase": {"phase": "belum"},
    "an unknown member": {"catatan": "x"},
    "a member named after somebody": {f"nik{NIK}": "x"},
    "money as number": {"amount": 85500},
    "money as a bomb": {"amount": {"amount": "1e999999999"}},
    "no number at all": {"amount": {"amount": "NaN"}},
    "a text in one language": {"kind": {"scheme": "s", "code": "c", "text": "PBB"}},
    "no kind": {"kind": None},
    "no payer": {"payer": None},
    "an inner unknown member": {"payer": {"name": "GALUH", "identifiers": [], "agama": "x"}},
    "a truth value": {"period": {"start": True}},
    "a region of another scheme": {"object": {"address": {"region": {"code": "6371010001"}}}},
}


async def test_a_lie_about_types_costs_its_own_record(gate: Gate, rogue: Rogue) -> None:
    lying = [{**bill(2000 + place, **lie), "doubts": []} for place, lie in enumerate(LIES.values())]
    rogue.answers(bill(2026), *lying, bill(2025))
    row = gate.row()
    read: list[Period] = []
    aside: list[str] = []
    for item in (await gate.bills()).items:
        try:
            read.append(row.normalise(item).body.period)
        except UnusableRecordError as error:
            aside.append(str(error))
    assert read == [Period.year(2026), Period.year(2025)]
    assert len(aside) == len(LIES)
    assert NIK not in str(aside)


def test_the_reason_counts_the_faults_and_not_their_consequences() -> None:
    """`status_text` and `phase` get no default if a field before them is wrong, which is no fault of the body."""
    for changed, reason in (
        ({"kind": None}, "1 fault(s), first at kind: model_type"),
        ({"status": "belum"}, "1 fault(s), first at status: enum"),
        ({"kind": None, "due_on": 5}, "2 fault(s), first at kind: model_type"),
    ):
        with pytest.raises(UnusableRecordError) as raised:
            body_of(BILL, Item.model_validate(bill(**changed)))
        assert str(raised.value) == f"the body is not canonical: {reason}"


def test_text_and_phase_of_a_status_are_filled_in_and_a_text_of_the_system_is_kept() -> None:
    usual = body_of(BILL, Item.model_validate(bill()))
    assert (usual.status_text, usual.phase) == (BillStatus.UNPAID.text, Phase.WAITING_FOR_YOU)
    own = body_of(BILL, Item.model_validate(bill(status_text={"id": "Terutang", "en": "Outstanding"})))
    assert (own.status_text, own.phase) == (Text(id="Terutang", en="Outstanding"), Phase.WAITING_FOR_YOU)


async def test_somebody_elses_record_is_set_aside(gate: Gate, rogue: Rogue) -> None:
    rogue.answers(bill(2026), bill(2025, nik=OTHERS), bill(2024))
    good, bad, last = (await gate.bills()).items
    assert isinstance(bad, Bad)
    assert OTHERS not in bad.reason
    assert [good.key, last.key] == ["63710100-2026", "63710100-2024"]
    # A question about nobody (an officer's) has no subject that a record could be compared with.
    assert len((await gate.bills(nik=None)).items) == 3


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda _q, a: replace(a, content=b" " * 2_000_000), UpstreamMalformedError),
        (lambda _q, a: replace(a, content=b"[" * 10_000 + b"]" * 10_000), UpstreamMalformedError),
        (lambda _q, a: replace(a, content=b"<html>masuk</html>"), UpstreamMalformedError),
        (lambda _q, a: replace(a, content=b""), UpstreamMalformedError),
        (
            lambda _q, a: replace(a, status=302, headers={"location": "http://elsewhere.invalid/"}),
            UpstreamMalformedError,
        ),
        (lambda _q, a: replace(a, status=500), UpstreamUnavailableError),
        (lambda _q, a: replace(a, status=503, headers={"retry-after": "7"}), UpstreamUnavailableError),
        (lambda _q, a: replace(a, status=429, headers={"retry-after": "7"}), UpstreamUnavailableError),
        (lambda _q, a: replace(a, status=404), QueryRefusedError),
        (lambda _q, a: replace(a, status=403), CredentialsRefusedError),
    ],
    ids=["oversized", "deep", "page", "empty", "redirect", "500", "503", "429", "404", "403"],
)
async def test_other_answers_mean_what_they_mean_of_any_system(
    gate: Gate, rogue: Rogue, spoil: Callable[[Question, Answer], Answer], error: type[AdapterError]
) -> None:
    rogue.answers(bill())
    rogue.spoil = spoil
    with pytest.raises(error) as raised:
        await gate.bills()
    assert raised.value.__cause__ is None
    assert NIK not in str(raised.value)


async def test_a_slow_adapter_costs_its_own_time_only(gate: Gate, rogue: Rogue) -> None:
    def sleep(_question: Question, answer: Answer) -> Answer:
        time.sleep(1.5)
        return answer

    rogue.answers(bill())
    rogue.spoil = sleep
    with pytest.raises(UpstreamTimeoutError):
        await gate.bills(within=0.3)


async def test_nothing_of_a_question_is_told(gate: Gate, rogue: Rogue, caplog: pytest.LogCaptureFixture) -> None:
    rogue.answers(bill(), {"bad": f"nik {NIK}"})
    with caplog.at_level(logging.DEBUG):
        batch = await gate.bills()
        call = gate.call()
        with pytest.raises(CredentialsRefusedError):
            await gate.bills(secret="z" * 40)
    told = f"{caplog.text} {batch!r} {call!r} {[record.__dict__ for record in caplog.records]}"
    for secret in (NIK, SECRET, "z" * 40, "GALUH"):
        assert secret not in told
    assert NIK not in rogue.asked[0].path


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*Bill.model_fields, "key", "body", "doubts", "bad", "code"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=examples(300))
@given(items=st.lists(JSON, max_size=4))
def test_whatever_stands_in_a_page_is_read_or_set_aside(items: list[Any]) -> None:
    page = Page.model_validate_json(json.dumps({"items": [bill(), *items]}))
    assert len(page.items) == 1 + len(items)
    for item in page.items:
        if isinstance(item, Item):
            with suppress(UnusableRecordError):
                body_of(BILL, item)


@settings(max_examples=examples(300))
@given(name=st.sampled_from(sorted(Bill.model_fields)), value=JSON)
def test_one_wrong_member_is_read_or_set_aside(name: str, value: Any) -> None:
    item = Item.model_validate_json(json.dumps(bill(**{name: value})))
    try:
        body = body_of(BILL, item)
    except UnusableRecordError:
        return
    assert len(body.model_dump_json()) < 5000
