"""Pairs are made of whatever an adapter under development does, or left out with a reason that tells nothing of it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from gateway.adapter_tools.recorder.golden_pairs import UnwritableError, canonical, pair_of
from gateway.adapter_tools.recorder.recording import RecordingError, save
from tests.gateway.adapter_tools.recorder.conftest import Canary, replacer


class Wire(BaseModel):
    nama: str


def row(normalise: Any) -> Any:
    return SimpleNamespace(normalise=normalise)


def unfinished(wire: Wire) -> Any:
    return {}[wire.nama]


def test_a_normaliser_that_fails_is_told_by_where_and_not_by_what(canary: Canary) -> None:
    wire = Wire(nama=canary.name)
    assert canonical(row(unfinished), wire) == {}
    with pytest.raises(
        UnwritableError, match=r"normalise raises KeyError in test_golden_pairs\.py, line \d+"
    ) as left_out:
        pair_of(row(unfinished), wire, replacer("nama"))
    assert canary.traces(str(left_out.value)) == []
    assert left_out.value.__cause__ is None


def test_either_all_fixtures_are_saved_or_none(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("a file where a folder is wanted", "utf-8")
    files = {"resident-a-1.in.json": b"{}", "resident-a-1.out.json": b"{}", "answers/resident-a-1.json": b"{}"}
    with pytest.raises(RecordingError, match="cannot be written"):
        save(tmp_path, files)
    assert [path.name for path in tmp_path.iterdir()] == ["answers"]
