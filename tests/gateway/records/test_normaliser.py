"""Normalising an answer gives the records that each wire record gives alone; what they share is the same object."""

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from adapters.contract import Batch
from conformance.golden import golden_records
from gateway.ground.clock import WITA
from gateway.ground.sealing import Sealer
from gateway.records.ids import RecordIds
from gateway.records.normaliser import AnswerSource, DatedItem, Normaliser, dated
from gateway.registry.agencies import load_agencies
from gateway.registry.builtin import BUILTIN
from gateway.registry.registry import Registry
from schemas.references import Reference
from tests.gateway.fakes import Fake, Wire, application, enrolment

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


def normaliser():
    agencies = load_agencies(ROOT / "config" / "agencies.toml", Registry(()))
    return Normaliser(RecordIds(Sealer(bytes(32)), lambda _: ()), complete_agency=agencies.complete)


@pytest.mark.parametrize("system", sorted(BUILTIN))
def test_an_answer_gives_the_records_of_each_item_alone(system):
    folder = ROOT / "tests" / "adapters" / system.replace("-", "_")
    origin = AnswerSource(system, "demo", AT)
    answers = {}
    for row, model, document in golden_records(folder, import_module(BUILTIN[system]).SPEC):
        answers.setdefault(row.resource.name, (row, []))[1].append(DatedItem(model.model_validate(document), None))
    together = normaliser()
    for row, items in answers.values():
        alone = {}
        for item in items:
            for record in normaliser().make(row, [item], origin).records:
                alone.setdefault(record.id, record)
        for _ in range(2):
            found = together.make(row, items, origin).records
            assert [one.id for one in found] == list(alone)
            assert [one.body for one in found] == [one.body for one in alone.values()]
            assert [one.provenance for one in found] == [one.provenance for one in alone.values()]


def test_records_of_one_time_share_their_provenance_as_it_was_written():
    row = Fake(asks=("application",)).live.reads("application")
    as_of, elsewhere = AT, AT.astimezone(WITA)
    items = [
        *dated(Batch((Wire("1", application()), Wire("2", application())), as_of=as_of)),
        DatedItem(Wire("3", application()), elsewhere),
        DatedItem(Wire("4", application()), None),
    ]
    records = normaliser().make(row, items, AnswerSource("register", None, AT)).records
    assert records[0].provenance is records[1].provenance
    assert [one.provenance.as_of for one in records] == [as_of, as_of, elsewhere, None]
    assert [one.provenance.as_of and one.provenance.as_of.tzinfo for one in records] == [UTC, UTC, WITA, None]


def test_a_reference_has_the_id_of_the_record_that_it_refers_to_in_its_own_office():
    made = normaliser()
    row = Fake(asks=("enrolment",)).live.reads("enrolment")
    body = enrolment().model_copy(update={"programme": Reference(id="7", name="Bantuan")})
    offices = [AnswerSource("register", "north", AT), AnswerSource("register", "south", AT)]
    found = [made.make(row, [DatedItem(Wire(key, body), None)], one).records[0] for one in offices for key in "12"]
    ids = [one.body.programme.id for one in found]
    assert ids[0] == ids[1] != ids[2] == ids[3]
    assert {one.body.programme.name for one in found} == {"Bantuan"}
