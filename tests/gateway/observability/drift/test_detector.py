"""Drift detection: vanished fields, unknown codes, rejected records, and changes that are no drift."""

from dataclasses import replace
from typing import Annotated

import pytest
from pydantic import BaseModel

from gateway.ground.clock import now
from gateway.observability.drift.detector import DriftDetector, DriftKind
from gateway.records.normaliser import NormalisedAnswer
from schemas.classes import general, personal
from schemas.doubts import Doubt, DoubtCode
from schemas.records import Body


class Wire(BaseModel):
    nama: str
    tahap: str | None = None
    catatan: dict[str, str] | None = None


class Thing(Body):
    stage: Annotated[str | None, general("Tahap", "Stage")] = None
    name: Annotated[str | None, personal("Nama", "Name")] = None


@pytest.fixture
def detector():
    return DriftDetector(now)


def notice(detector, *items, made=(), reasons=()):
    detector.compare(NormalisedAnswer("surat", "thing", items, tuple(made), tuple(reasons)))


def open_(detector):
    return [(drift.key.kind, drift.key.field, drift.key.sample) for drift in detector.open("surat")]


WITH = Wire(nama="A", tahap="1")
WITHOUT = Wire(nama="A")


def test_a_vanished_field_is_drift(detector):
    for _ in range(5):
        notice(detector, WITH)
    for _ in range(4):
        notice(detector, WITHOUT)
    assert open_(detector) == []
    notice(detector, WITHOUT)
    assert open_(detector) == [(DriftKind.FIELD_VANISHED, "tahap", "")]


def test_one_answer_with_many_records_is_sufficient(detector):
    notice(detector, *[WITH] * 20)
    notice(detector, *[WITH] * 20)
    notice(detector, *[WITHOUT] * 20)
    assert open_(detector) == [(DriftKind.FIELD_VANISHED, "tahap", "")]


def test_an_optional_field_is_no_drift(detector):
    for item in [WITH, WITH, WITHOUT, WITH, *[WITHOUT] * 20]:
        notice(detector, item)
    assert open_(detector) == []


def test_a_field_within_a_field(detector):
    deep = Wire(nama="A", catatan={"isi": "b"})
    for item in [*[deep] * 6, *[Wire(nama="A", catatan={"lain": "b"})] * 6]:
        notice(detector, item)
    assert open_(detector) == [(DriftKind.FIELD_VANISHED, "catatan.isi", "")]


def doubted(body, field):
    return (body, (Doubt(code=DoubtCode.CODE_UNKNOWN, field=field),))


def test_an_unknown_code_is_drift_with_the_code_as_sample(detector):
    for _ in range(3):
        notice(detector, WITH, made=[doubted(Thing(stage="ZZ9"), "/stage")])
    assert open_(detector) == [(DriftKind.CODE_NEW, "/stage", "ZZ9")]
    assert detector.open("surat")[0].times == 3


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
def test_nothing_personal_is_a_sample(detector, body, field):
    notice(detector, WITH, made=[doubted(body, field)])
    assert open_(detector) == [(DriftKind.CODE_NEW, field, "")]


def test_rejected_records_are_drift_with_the_reason_as_sample(detector):
    notice(detector, reasons=["1 fault(s), first at TGL: string_type", "number 6371991234567890"])
    assert sorted(open_(detector)) == [
        (DriftKind.TYPE_CHANGED, "", "1 fault(s), first at TGL: string_type"),
        (DriftKind.TYPE_CHANGED, "", "number …"),
    ]


def test_accepted_drifts_stay_closed(detector):
    notice(detector, reasons=["odd"])
    (drift,) = detector.take_changed()
    assert detector.take_changed() == ()
    detector.close([type(drift)(drift.key, drift.first_at, drift.last_at, 1, now())])
    notice(detector, reasons=["odd"])
    assert open_(detector) == []


def test_stored_texts_have_no_numbers_are_printable_and_limited(detector):
    notice(detector, reasons=["odd\x00\ud800\n" + "y" * 400])
    keyed = Wire(nama="A", catatan={"6371991234567890": "b"})
    for item in [*[keyed] * 6, *[WITHOUT] * 6]:
        notice(detector, item)
    fault, *vanished = open_(detector)
    assert fault == (DriftKind.TYPE_CHANGED, "", "odd………" + "y" * 194)
    assert {field for _, field, _ in vanished} == {"catatan", "catatan.…"}


def test_accepted_drifts_make_room_and_overflow_is_logged_once(detector, monkeypatch, caplog):
    monkeypatch.setattr("gateway.observability.drift.detector._MAX_DRIFTS", 3)
    notice(detector, reasons=["a", "b", "c"])
    detector.close([replace(one, closed_at=now()) for one in detector.take_changed() if one.key.sample == "b"])
    notice(detector, reasons=["d"])
    assert sorted(sample for _, _, sample in open_(detector)) == ["a", "c", "d"]
    for _ in range(2):
        notice(detector, reasons=["e"])
    assert len(open_(detector)) == 3
    assert caplog.text.count("too many open drifts") == 1


def test_accepted_drifts_are_not_reopened_by_eviction(detector, monkeypatch):
    monkeypatch.setattr("gateway.observability.drift.detector._MAX_DRIFTS", 3)
    for number in range(6):
        notice(detector, reasons=[f"odd {number}"])
        detector.close([replace(one, closed_at=now()) for one in detector.take_changed()])
    notice(detector, reasons=["odd 5"])
    assert open_(detector) == []
    assert [one.times for one in detector.take_changed()] == [2]
    notice(detector, reasons=["odd 0"])
    assert len(open_(detector)) == 1, "of what was accepted, no more is remembered than may be open"
