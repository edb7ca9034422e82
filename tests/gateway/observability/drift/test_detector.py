"""What counts as drift, and what does not: fields that vanish, codes that nobody knew, records of another type."""

from dataclasses import replace
from typing import Annotated

import pytest
from pydantic import BaseModel

from gateway.ground.clock import now
from gateway.observability.drift.detector import DriftDetector, DriftKind
from gateway.records.normaliser import NormalisedAnswer
from schemas.classes import general, personal
from schemas.quality import Quality, QualityCode
from schemas.records import Body


class Wire(BaseModel):
    nama: str
    tahap: str | None = None
    catatan: dict[str, str] | None = None


class Thing(Body):
    stage: Annotated[str | None, general("Tahap", "Stage")] = None
    name: Annotated[str | None, personal("Nama", "Name")] = None


@pytest.fixture
def noticer():
    return DriftDetector(now)


def notice(noticer, *items, made=(), reasons=()):
    noticer.notice(NormalisedAnswer("surat", "thing", items, tuple(made), tuple(reasons)))


def open_(noticer):
    return [(drift.key.kind, drift.key.field, drift.key.sample) for drift in noticer.open("surat")]


WITH = Wire(nama="A", tahap="1")
WITHOUT = Wire(nama="A")


def test_a_field_that_was_always_there_and_is_gone(noticer):
    for _ in range(5):
        notice(noticer, WITH)
    for _ in range(4):
        notice(noticer, WITHOUT)
    assert open_(noticer) == []
    notice(noticer, WITHOUT)
    assert open_(noticer) == [(DriftKind.FIELD_VANISHED, "tahap", "")]


def test_one_answer_with_many_records_is_enough(noticer):
    notice(noticer, *[WITH] * 20)
    notice(noticer, *[WITH] * 20)
    notice(noticer, *[WITHOUT] * 20)
    assert open_(noticer) == [(DriftKind.FIELD_VANISHED, "tahap", "")]


def test_a_field_that_comes_and_goes_says_nothing(noticer):
    for item in [WITH, WITH, WITHOUT, WITH, *[WITHOUT] * 20]:
        notice(noticer, item)
    assert open_(noticer) == []


def test_a_field_within_a_field(noticer):
    deep = Wire(nama="A", catatan={"isi": "b"})
    for item in [*[deep] * 6, *[Wire(nama="A", catatan={"lain": "b"})] * 6]:
        notice(noticer, item)
    assert open_(noticer) == [(DriftKind.FIELD_VANISHED, "catatan.isi", "")]


def doubted(body, field):
    return (body, (Quality(code=QualityCode.CODE_UNKNOWN, field=field),))


def test_a_code_that_nobody_knew_is_told_with_the_code(noticer):
    for _ in range(3):
        notice(noticer, WITH, made=[doubted(Thing(stage="ZZ9"), "/stage")])
    assert open_(noticer) == [(DriftKind.CODE_NEW, "/stage", "ZZ9")]
    assert noticer.open("surat")[0].times == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (Thing(name="Galuh"), "/name"),
        (Thing(stage="6371991234567890"), "/stage"),
        (Thing(stage="x" * 60), "/stage"),
        (Thing(stage="a\nb"), "/stage"),
        (Thing(), "/no-such-field"),
    ],
)
def test_nothing_personal_is_a_sample(noticer, body, field):
    notice(noticer, WITH, made=[doubted(body, field)])
    assert open_(noticer) == [(DriftKind.CODE_NEW, field, "")]


def test_records_of_another_type_are_told_by_the_kind_of_fault(noticer):
    notice(noticer, reasons=["1 fault(s), first at TGL: string_type", "number 6371991234567890"])
    assert sorted(open_(noticer)) == [
        (DriftKind.TYPE_CHANGED, "", "1 fault(s), first at TGL: string_type"),
        (DriftKind.TYPE_CHANGED, "", "number …"),
    ]


def test_what_was_accepted_is_open_no_more(noticer):
    notice(noticer, reasons=["odd"])
    (drift,) = noticer.changed()
    assert noticer.changed() == ()
    noticer.close([type(drift)(drift.key, drift.first_at, drift.last_at, 1, now())])
    notice(noticer, reasons=["odd"])
    assert open_(noticer) == []


def test_what_is_kept_has_no_number_nothing_unprintable_and_an_end(noticer):
    notice(noticer, reasons=["odd\x00\ud800\n" + "y" * 400])
    keyed = Wire(nama="A", catatan={"6371991234567890": "b"})
    for item in [*[keyed] * 6, *[WITHOUT] * 6]:
        notice(noticer, item)
    fault, *vanished = open_(noticer)
    assert fault == (DriftKind.TYPE_CHANGED, "", "odd………" + "y" * 194)
    assert {field for _, field, _ in vanished} == {"catatan", "catatan.…"}


def test_what_was_accepted_makes_room_and_what_finds_none_is_told_once(noticer, monkeypatch, caplog):
    monkeypatch.setattr("gateway.observability.drift.detector._MOST", 3)
    notice(noticer, reasons=["a", "b", "c"])
    noticer.close([replace(one, closed_at=now()) for one in noticer.changed() if one.key.sample == "b"])
    notice(noticer, reasons=["d"])
    assert sorted(sample for _, _, sample in open_(noticer)) == ["a", "c", "d"]
    for _ in range(2):
        notice(noticer, reasons=["e"])
    assert len(open_(noticer)) == 3
    assert caplog.text.count("too much has drifted") == 1


def test_what_was_accepted_is_not_open_again_because_something_else_needed_room(noticer, monkeypatch):
    monkeypatch.setattr("gateway.observability.drift.detector._MOST", 3)
    for number in range(6):
        notice(noticer, reasons=[f"odd {number}"])
        noticer.close([replace(one, closed_at=now()) for one in noticer.changed()])
    notice(noticer, reasons=["odd 5"])
    assert open_(noticer) == []
    assert [one.times for one in noticer.changed()] == [2]
    notice(noticer, reasons=["odd 0"])
    assert len(open_(noticer)) == 1, "of what was accepted, no more is remembered than may be open"
