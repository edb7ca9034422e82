"""Adapters that do not bear damaged payloads, or changed ones, each caught by its own rule."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.contract import Bad, Batch, Normal
from adapters.errors import AdapterError, UpstreamMalformedError

pytestmark = pytest.mark.xdist_group("conformance")

PAIRS = Path(__file__).resolve().parents[1] / "adapters" / "dukcapil"


@pytest.mark.parametrize("rule", ["mutation", "hostile-fields", "drift"])
def test_a_sound_adapter_bears_what_comes(register, passed, rule):
    passed(register.check(rule))


@pytest.mark.parametrize(
    ("rule", "looked_at"),
    [
        ("mutation", r"[1-9]\d* of them to one record"),
        ("hostile-fields", r"\d\d damaged"),
        ("drift", r"[1-9]\d* of them"),
    ],
)
def test_a_sound_adapter_bears_what_comes_under_a_seal(centres, passed, rule, looked_at):
    finding = centres.check(rule)
    passed(finding)
    assert re.search(looked_at, finding.reason), finding.reason


def _asking(shop, resource, change):
    row = shop.row(resource)

    async def ask(call, query, mark):
        return await change(row.ask(call, query, mark))

    return shop.with_row(resource, ask=ask)


def test_an_error_that_is_not_of_the_tree(register, broken):
    async def fails(asking):
        try:
            return await asking
        except UpstreamMalformedError:
            raise KeyError("content") from None

    finding = register.check("mutation", _asking(register, "resident", fails))
    broken(finding, "raises KeyError, which is not of the tree")


def test_one_bad_record_that_costs_its_page(letters, broken):
    async def strict(asking):
        batch = await asking
        if any(isinstance(item, Bad) for item in batch.items):
            raise UpstreamMalformedError("a row is bad")
        return batch

    finding = letters.check("mutation", _asking(letters, "application", strict))
    broken(finding, "one damaged record costs its whole page")


def test_a_bad_record_that_takes_its_neighbour_along(letters, broken):
    async def greedy(asking):
        batch = await asking
        bad = {place for place, item in enumerate(batch.items) if isinstance(item, Bad)}
        kept = (item for place, item in enumerate(batch.items) if place - 1 not in bad)
        return replace(batch, items=tuple(kept))

    finding = letters.check("mutation", _asking(letters, "application", greedy))
    broken(finding, "undamaged records of the same page are gone")


def test_one_bad_record_under_a_seal_that_costs_its_page(centres, broken):
    async def strict(asking):
        batch = await asking
        if any(isinstance(item, Bad) for item in batch.items):
            raise UpstreamMalformedError("a row is bad")
        return batch

    shop = replace(centres, spec=_asking(centres, "visit", strict))
    finding = shop.check("mutation", _asking(shop, "appointment", strict), damages=1000)
    broken(finding, "(visit|appointment) asked.*: one damaged record costs its whole page")


def test_a_date_of_zeros_under_a_seal(centres, broken):
    def trusting(w, real):
        if w.tglDaftar.startswith("00"):
            raise ValueError("no such day")
        return real(w)

    finding = centres.check("hostile-fields", _normalising(centres, trusting, "appointment"))
    broken(finding, r"zero dates \(tglDaftar\): the adapter fails on a record with ValueError")


def _normalising(shop, change, resource="resident"):
    row = shop.row(resource)

    def normalise(w):
        return change(w, row.normalise)

    normalise.__annotations__ = row.normalise.__annotations__
    return shop.with_row(resource, normalise=normalise)


def test_a_normaliser_that_trusts_its_columns(copied, broken):
    shop = copied()

    def trusting(w, real):
        int(w.NIK or "0")
        return real(w)

    finding = shop.check("mutation-records", _normalising(shop, trusting), PAIRS)
    broken(finding, "resident: a damaged record makes it raise ValueError")


def test_a_sound_normaliser_bears_damaged_records(copied, passed):
    passed(copied().check("mutation-records", fixtures=PAIRS))


def test_a_date_of_zeros_that_is_no_date(register, broken):
    def trusting(w, real):
        if (w.TGL_LHR or "").startswith("00"):
            raise ValueError("no such day")
        return real(w)

    finding = register.check("hostile-fields", _normalising(register, trusting))
    broken(finding, r"zero dates \(content.*TGL_LHR\): the adapter fails on a record|zero dates .*ValueError")


def _filled(item):
    """Whatever has vanished is there again, with nothing in it: nobody can tell that it is gone."""
    if isinstance(item, Bad):
        return item
    gone = [name for name in type(item).model_fields if getattr(item, name, None) in (None, "")]
    return item.model_copy(update=dict.fromkeys(gone, " "))


async def _filling(asking):
    batch = await asking
    return replace(batch, items=tuple(_filled(item) for item in batch.items))


def _silent(w, real):
    return Normal(real(w).body)


def test_a_field_that_is_filled_in_where_it_has_vanished(register, broken):
    shop = replace(register, spec=_asking(register, "resident", _filling))
    broken(shop.check("drift", _normalising(shop, _silent)), "vanishes, and .* is lost without a word")


def test_a_field_under_a_seal_that_is_filled_in(centres, broken):
    shop = replace(centres, spec=_asking(centres, "visit", _filling))
    finding = shop.check("drift", _normalising(shop, _silent, "visit"))
    broken(finding, "visit asked: the field .* vanishes, and .* is lost without a word")


def test_a_fault_that_is_taken_for_an_answer(register, broken):
    async def blind(asking):
        try:
            return await asking
        except AdapterError:
            return Batch(())

    finding = register.check("faults", _asking(register, "resident", blind))
    broken(finding, "resident asked, 500: is taken for an answer")


def test_a_sound_adapter_bears_every_fault(register, passed):
    passed(register.check("faults"))
