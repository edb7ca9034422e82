"""Golden pairs that do not hold, and an adapter of which there are none."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.levels import earned
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


def test_pairs_that_hold(copied, passed, pairs):
    passed(copied().check("golden", fixtures=pairs))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda written: {**written, "body": {**written["body"], "name": "Orang Lain"}}, "the body is another: name"),
        (lambda written: {**written, "body": {**written["body"], "sex": None}}, "the body is another: sex"),
        (lambda written: {**written, "doubts": [{"code": "date-zero"}]}, "the doubts are others: there are none"),
        (lambda written: {**written, "body": []}, "the body is another: what is written down is no object"),
        (lambda _written: {"set_aside": "a person without a NIK"}, "it is not set aside"),
    ],
)
def test_a_pair_that_does_not_hold(copied, broken, pairs, change, words):
    _changed(pairs, change)
    finding = copied().check("golden", fixtures=pairs)
    broken(finding, f"resident-plain: {words}")
    assert "Orang Lain" not in finding.reason


def test_a_normaliser_that_fails(copied, broken, pairs):
    shop = copied()
    real = shop.row("resident").normalise

    def normalise(w):
        return real(w).body["NAMA"]

    normalise.__annotations__ = real.__annotations__
    broken(shop.check("golden", shop.with_row("resident", normalise=normalise), pairs), "normalise raises TypeError")


def test_a_normaliser_that_hides_its_wire(copied, broken, pairs):
    shop = copied()
    blind = shop.with_row("resident", normalise=lambda w: shop.row("resident").normalise(w))
    broken(shop.check("golden", blind, pairs), "does not declare which model it takes")


@pytest.mark.xdist_group("conformance")
def test_a_write_that_cannot_be_denormalised(letters, broken):
    def denormalise(_command, _subject, _code):
        raise KeyError("kode")

    finding = letters.check("golden", letters.with_write(denormalise=denormalise), PAIRS.parent / "e_kelurahan")
    broken(finding, "submit-application-usual: denormalise raises KeyError")


def test_no_pairs_at_all(copied, broken, tmp_path):
    (tmp_path / "empty").mkdir()
    broken(copied().check("golden", fixtures=tmp_path / "empty"), "no golden pairs")


def test_a_row_without_pairs(copied, broken, pairs):
    shop = copied()
    other = replace(shop.row("resident").resource, name="citizen")
    finding = shop.check("golden", shop.with_row("resident", resource=other), pairs)
    broken(finding, "no row answers for resident-")


def test_where_nothing_can_be_looked_up_nothing_is_earned(copied):
    finding = copied().check("golden")
    assert finding.result is Result.NOT_APPLICABLE
    assert "no source checkout" in finding.reason
    assert earned([finding]) is None
