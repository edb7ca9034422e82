"""The types make it impossible to forget disclosure: a route that returns a record does not type-check."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

FORGETFUL = """
from gateway.api.answers import Answer
from schemas.programme import Programme
from schemas.records import Record


async def route(record: Record[Programme]) -> Answer:
    return record
"""
FORGED = """
from gateway.api.formats.page import ListPage
from gateway.api.sources import NO_SOURCES
from gateway.api.answers import Answer, list_answer
from fastapi import Request
from schemas.programme import Programme
from schemas.records import Record
from schemas.texts import Language


async def route(request: Request, record: Record[Programme]) -> Answer:
    return list_answer(request, ListPage((record,), NO_SOURCES), language=Language.INDONESIAN)
"""
CAREFUL = """
from fastapi import Request
from gateway.policy.narrowing import PermittedQuery
from gateway.policy.disclosure import DisclosureGate
from gateway.api.formats.page import ListPage
from gateway.api.sources import NO_SOURCES
from gateway.api.answers import Answer, list_answer
from schemas.programme import Programme, ProgrammeQuery
from schemas.records import Record
from schemas.texts import Language


async def route(
    request: Request, gate: DisclosureGate, asked: PermittedQuery[Programme, ProgrammeQuery], record: Record[Programme]
) -> Answer:
    disclosed = gate.disclose_public(asked, (record,), language=Language.INDONESIAN)
    return list_answer(request, ListPage(disclosed, NO_SOURCES), language=Language.INDONESIAN)
"""


def checked(folder: Path, **snippets: str) -> str:
    for name, text in snippets.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    files = [str(folder / f"{name}.py") for name in snippets]
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--no-incremental", *files]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


@pytest.mark.processes
def test_a_record_cannot_leave_a_route_without_disclosure(tmp_path):
    told = checked(tmp_path, forgetful=FORGETFUL, forged=FORGED, careful=CAREFUL)
    assert "forgetful.py:8: error: Incompatible return value type" in told
    assert 'forged.py:12: error: Argument 1 to "ListPage"' in told
    assert "careful.py" not in told
