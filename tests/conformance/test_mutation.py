"""Adapters that mishandle damaged or changed payloads: each fails its rule."""

from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import pytest

from adapters.contract import Bad, Batch, Normal
from adapters.errors import AdapterError, UpstreamMalformedError
from conformance.mutation import payload_rules
from conformance.mutation.list_damages import dropped, replaced
from conformance.mutation.payloads import tables_of

pytestmark = pytest.mark.xdist_group("conformance")

PAIRS = Path(__file__).resolve().parents[1] / "adapters" / "dukcapil"


def _asking(adapter, resource, change):
    row = adapter.row(resource)

    async def ask(call, query, mark):
        return await change(row.ask(call, query, mark))

    return adapter.with_row(resource, ask=ask)


def test_an_error_that_is_not_of_the_tree(register, assert_broken):
    async def fails(asking):
        try:
            return await asking
        except UpstreamMalformedError:
            raise KeyError("content") from None

    finding = register.check("mutation", _asking(register, "resident", fails))
    assert_broken(finding, "raises KeyError, which is no AdapterError")


def test_one_bad_record_that_costs_its_page(letters, assert_broken):
    async def strict(asking):
        batch = await asking
        if any(isinstance(item, Bad) for item in batch.items):
            raise UpstreamMalformedError("a row is bad")
        return batch

    finding = letters.check("mutation", _asking(letters, "application", strict))
    assert_broken(finding, "one damaged record costs its whole page")


def test_a_bad_record_that_costs_its_neighbour(letters, assert_broken):
    async def greedy(asking):
        batch = await asking
        bad = {place for place, item in enumerate(batch.items) if isinstance(item, Bad)}
        kept = (item for place, item in enumerate(batch.items) if place - 1 not in bad)
        return replace(batch, items=tuple(kept))

    finding = letters.check("mutation", _asking(letters, "application", greedy))
    assert_broken(finding, "undamaged records of the same page are missing")


def test_one_bad_record_in_a_sealed_answer_that_costs_its_page(centres, assert_broken):
    async def strict(asking):
        batch = await asking
        if any(isinstance(item, Bad) for item in batch.items):
            raise UpstreamMalformedError("a row is bad")
        return batch

    adapter = replace(centres, spec=_asking(centres, "visit", strict))
    finding = adapter.check("mutation", _asking(adapter, "appointment", strict), damages=1000)
    assert_broken(finding, "list of (visit|appointment).*: one damaged record costs its whole page")


def test_a_zero_date_in_a_sealed_answer(centres, assert_broken):
    def trusting(w, real):
        if w.tglDaftar.startswith("00"):
            raise ValueError("no such day")
        return real(w)

    finding = centres.check("hostile-fields", _normalising(centres, trusting, "appointment"))
    assert_broken(finding, r"zero date \(tglDaftar\): the adapter fails on a record with ValueError")


def _normalising(adapter, change, resource="resident"):
    row = adapter.row(resource)

    def normalise(w):
        return change(w, row.normalise)

    normalise.__annotations__ = row.normalise.__annotations__
    return adapter.with_row(resource, normalise=normalise)


def test_a_normaliser_that_trusts_its_columns(copied, assert_broken):
    adapter = copied()

    def trusting(w, real):
        int(w.NIK or "0")
        return real(w)

    finding = adapter.check("mutation-records", _normalising(adapter, trusting), PAIRS)
    assert_broken(finding, "resident: a damaged record makes it raise ValueError")


def test_a_sound_normaliser_survives_damaged_records(copied, assert_passed):
    assert_passed(copied().check("mutation-records", fixtures=PAIRS))


def test_a_zero_date_that_raises(register, assert_broken):
    def trusting(w, real):
        if (w.TGL_LHR or "").startswith("00"):
            raise ValueError("no such day")
        return real(w)

    finding = register.check("hostile-fields", _normalising(register, trusting))
    assert_broken(finding, r"zero date \(content.*TGL_LHR\): the adapter fails on a record|zero date .*ValueError")


def _filled(item):
    """Fill removed fields with a blank, so that the loss cannot be detected."""
    if isinstance(item, Bad):
        return item
    gone = [name for name in type(item).model_fields if getattr(item, name, None) in (None, "")]
    return item.model_copy(update=dict.fromkeys(gone, " "))


async def _filling(asking):
    batch = await asking
    return replace(batch, items=tuple(_filled(item) for item in batch.items))


def _silent(w, real):
    return Normal(real(w).body)


def test_a_removed_field_that_is_filled_in(register, assert_broken):
    adapter = replace(register, spec=_asking(register, "resident", _filling))
    assert_broken(adapter.check("drift", _normalising(adapter, _silent)), "is removed, and .* is lost undetected")


def test_a_removed_field_in_a_sealed_answer_that_is_filled_in(centres, assert_broken):
    adapter = replace(centres, spec=_asking(centres, "visit", _filling))
    finding = adapter.check("drift", _normalising(adapter, _silent, "visit"))
    assert_broken(finding, "list of visit: the field .* is removed, and .* is lost undetected")


def test_a_fault_that_is_taken_for_an_answer(register, assert_broken):
    async def blind(asking):
        try:
            return await asking
        except AdapterError:
            return Batch(())

    finding = register.check("faults", _asking(register, "resident", blind))
    assert_broken(finding, "list of resident, 500: is taken for a valid answer")


def test_dropping_fields_keeps_the_numbers_of_other_lists():
    payload = b"<a><b><c>1</c></b><b><c>2</c></b><d><e><f>3</f><c>4</c></e><e><f>5</f></e></d></a>"
    assert len(tables_of(payload)) == 2
    assert dropped(payload, "c") == b"<a><b/><b/><d><e><f>3</f></e><e><f>5</f></e></d></a>"
    assert replaced(payload, "f", "0").count(b"<f>0</f>") == 2


@pytest.mark.parametrize("payload", [b'"' + b"a" * 200_000, b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_text_that_is_no_table_has_no_records(payload):
    assert tables_of(payload) == []


def test_each_question_gets_the_same_damages_however_long_they_take(register, assert_passed, monkeypatch):
    def damages_when_the_others_take(seconds):
        made, weights, real = {}, chain([1.0], repeat(1 / seconds)), payload_rules.mutant

        async def weight(_one):
            return next(weights)

        def noted(payload, random):
            mutant = real(payload, random)
            made.setdefault(payload, []).append(mutant and mutant.payload)
            return mutant

        with monkeypatch.context() as patch:
            patch.setattr(payload_rules, "_weight", weight)
            patch.setattr(payload_rules, "mutant", noted)
            assert_passed(register.check("mutation", damages=60))
        return made

    first, second = damages_when_the_others_take(1.0), damages_when_the_others_take(50.0)
    assert {payload: len(each) for payload, each in first.items()} != {p: len(each) for p, each in second.items()}
    for payload in first.keys() & second.keys():
        both = zip(first[payload], second[payload], strict=False)
        assert all(one == other for one, other in both)
