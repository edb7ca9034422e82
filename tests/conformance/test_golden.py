"""Golden pairs that do not match, and an adapter without pairs."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.levels import earned_level
from conformance.rules import Result

PAIRS = Path(__file__).resolve().parents[1] / "adapters" / "dukcapil"
PLAIN = "resident-plain.out.json"


@pytest.fixture
def pairs(tmp_path):
    folder = tmp_path / "pairs"
    shutil.copytree(PAIRS, folder)
    return folder


def _changed(folder, change):
    written = json.loads((folder / PLAIN).read_text("utf-8"))
    (folder / PLAIN).write_text(json.dumps(change(written)), "utf-8")


def test_pairs_that_hold(copied, assert_passed, pairs):
    assert_passed(copied().check("golden", fixtures=pairs))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda written: {**written, "body": {**written["body"], "name": "Orang Lain"}}, "the body differs: name"),
        (lambda written: {**written, "body": {**written["body"], "sex": None}}, "the body differs: sex"),
        (lambda written: {**written, "doubts": [{"code": "date-zero"}]}, "the doubts differ: there is none"),
        (lambda written: {**written, "body": []}, "the body differs: the expected body is not an object"),
        (lambda _written: {"set_aside": "a person without a NIK"}, "it is not set aside"),
    ],
)
def test_a_pair_that_does_not_hold(copied, assert_broken, pairs, change, words):
    _changed(pairs, change)
    finding = copied().check("golden", fixtures=pairs)
    assert_broken(finding, f"resident-plain: {words}")
    assert "Orang Lain" not in finding.reason


def test_a_normaliser_that_fails(copied, assert_broken, pairs):
    adapter = copied()
    real = adapter.row("resident").normalise

    def normalise(w):
        return real(w).body["NAMA"]

    normalise.__annotations__ = real.__annotations__
    assert_broken(
        adapter.check("golden", adapter.with_row("resident", normalise=normalise), pairs), "normalise raises TypeError"
    )


def test_a_normaliser_without_a_declared_wire_type(copied, assert_broken, pairs):
    adapter = copied()
    blind = adapter.with_row("resident", normalise=lambda w: adapter.row("resident").normalise(w))
    assert_broken(adapter.check("golden", blind, pairs), "does not declare the type of its argument")


@pytest.mark.xdist_group("conformance")
def test_a_write_that_cannot_be_denormalised(letters, assert_broken):
    def denormalise(_command, _subject, _code):
        raise KeyError("kode")

    finding = letters.check("golden", letters.with_write(denormalise=denormalise), PAIRS.parent / "e_kelurahan")
    assert_broken(finding, "submit-application-usual: denormalise raises KeyError")


def test_no_pairs_at_all(copied, assert_broken, tmp_path):
    (tmp_path / "empty").mkdir()
    assert_broken(copied().check("golden", fixtures=tmp_path / "empty"), "no golden pairs")


def test_a_row_without_pairs(copied, assert_broken, pairs):
    adapter = copied()
    other = replace(adapter.row("resident").resource, name="citizen")
    finding = adapter.check("golden", adapter.with_row("resident", resource=other), pairs)
    assert_broken(finding, "no row reads the resource of resident-")


def test_no_level_without_golden_pairs(copied):
    finding = copied().check("golden")
    assert finding.result is Result.NOT_APPLICABLE
    assert "no source checkout" in finding.reason
    assert earned_level([finding]) is None
