"""The documentation says what is there: its links, commands, addresses, settings, excerpts and tests all exist."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from adapters import legacy
from adapters.errors import AdapterError
from gateway import telemetry
from gateway.cli import app as command_line
from gateway.documenting import document_text
from gateway.problems.catalogue import PROBLEMS
from gateway.routes import applications, catalogue, health, me, operations, programmes, residents, systems
from gateway.settings import Settings
from schemas.envelope import Cause, SourceState
from schemas.quality import QualityCode

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(ROOT).parts)
)
OURS = [ROOT / name for name in ("README.md", "README.id.md", "DECISIONS.md", "CHANGELOG.md")]
OURS += sorted((ROOT / "docs").glob("*.md"))

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
# What no page may name: folders of the machine it was written on, and hosts that packages come from.
FORBIDDEN = re.compile(
    r"(?<![\w.])/(?:work|root|tmp|home)/|\bpypi\.org|pythonhosted|npmjs|registry\.|proxy\.golang|\bTODO\b|\bFIXME\b",
    re.IGNORECASE,
)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, *languages: str) -> list[str]:
    return [content for _, language, content in BLOCK.findall(text_of(page)) if language in languages]


def code_in(page: Path) -> Iterator[str]:
    """Every line of a shell block, continued lines joined, and every piece of code in the text."""
    for block in blocks(page, "sh"):
        yield from block.replace("\\\n", " ").splitlines()
    yield from CODE.findall(BLOCK.sub("", text_of(page)))


def slug(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


# --- links --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for address in LINK.findall(BLOCK.sub("", text_of(page))):
        parts = urlsplit(address)
        if parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.exists(), address
        if parts.fragment:
            headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text_of(target)), re.MULTILINE)
            assert parts.fragment in {slug(heading) for heading in headings}, address


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_this_machine_or_a_registry(page: Path) -> None:
    assert FORBIDDEN.findall(text_of(page)) == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=named)
def test_every_page_begins_with_a_summary_in_indonesian_and_is_in_the_index(page: Path) -> None:
    assert text_of(page).splitlines()[2].startswith("**Ringkasan.** ")
    index = text_of(ROOT / "docs/README.md")
    assert page.name == "README.md" or f"]({page.name})" in index


# --- commands and addresses ---------------------------------------------------------------------------------------


def commands() -> dict[tuple[str, ...], Any]:
    """Every command of the command line by its words."""
    found: dict[tuple[str, ...], Any] = {}

    def walk(command: Any, words: tuple[str, ...]) -> None:
        found[words] = command
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*words, name))

    walk(typer.main.get_command(command_line), ())
    return found


def check_command(line: str, known: dict[tuple[str, ...], Any]) -> None:
    for call in re.findall(r"(?:^|[\s(/])gerbang ((?:[a-z]|--)[^)#|;&`]*)", line):
        words = call.replace("…", "").split()
        name: tuple[str, ...] = ()
        while words and (*name, words[0]) in known:
            name = (*name, words.pop(0))
        assert name in known, line
        command = known[name]
        assert not getattr(command, "commands", {}) or not words, f"there is no such command: {line}"
        options = {text for parameter in command.params for text in (*parameter.opts, *parameter.secondary_opts)}
        for word in words:
            assert not word.startswith("--") or word.partition("=")[0] in options | {"--help"}, line


# Named as what comes later; each stands where the page says so.
COMING = ("gerbang adapter new",)


@pytest.mark.parametrize("page", OURS, ids=named)
def test_every_command_exists(page: Path) -> None:
    known = commands()
    for line in code_in(page):
        if line.strip() not in COMING:
            check_command(line, known)


def test_the_check_of_commands_notices() -> None:
    known = commands()
    for wrong in ("gerbang fly", "gerbang city burn", ".venv/bin/gerbang token resident --role x"):
        with pytest.raises(AssertionError):
            check_command(wrong, known)


def templates() -> dict[str, frozenset[str]]:
    """The paths of the API and of what serves it, with their methods."""
    from gateway.app import create_app  # noqa: PLC0415 - heavy, and most tests here need none of it
    from gateway.registry.registry import Registry  # noqa: PLC0415 - as above
    from gateway.settings import Mode, load_settings  # noqa: PLC0415 - as above

    del create_app, Registry, Mode, load_settings
    routers = (catalogue, me, applications, health, programmes, residents, systems, operations)
    return {
        route.path: frozenset(route.methods) for module in routers for route in module.router.routes  # type: ignore[attr-defined]  # all are API routes
    }
