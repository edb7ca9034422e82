"""The pages say what is there: every link, command, address, file and excerpt of code in them exists."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import typer

from gateway.app import create_app
from gateway.cli import app as command_line
from gateway.registry.registry import Registry
from gateway.settings import Mode, load_settings

ROOT = Path(__file__).resolve().parent.parent.parent


def _pages() -> Iterator[Path]:
    """Every page of the tree. Installed libraries are not walked through: there are tens of thousands of files."""
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if not name.startswith(".") and name != "node_modules"]
        yield from (Path(folder, name) for name in names if name.endswith(".md") and not name.startswith("."))


PAGES = sorted(_pages())
GUIDES = sorted((ROOT / "docs").glob("*.md"))
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
OURS = [
    *(ROOT / name for name in ("README.md", "README.id.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *GUIDES,
    *DECISIONS,
]

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"(?:^|[\s(/])gerbang ((?:[a-z]|--)[^)#|;&]*)")
COMING: frozenset[str] = frozenset()
"""Commands that a page names as coming later."""
# What no page may name: folders of the machine it was written on, and hosts that packages come from.
FORBIDDEN = re.compile(
    r"(?<![\w.])/(?:work|root|tmp|home)/|\bpypi\.org|pythonhosted|npmjs|\bregistry\.npm|proxy\.golang|\bTODO\b|\bFIXME\b"
)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def without_blocks(page: Path) -> str:
    return BLOCK.sub("", text_of(page))


def blocks(page: Path, language: str) -> list[str]:
    return [content for _, written, content in BLOCK.findall(text_of(page)) if written == language]


def shell_lines(page: Path) -> list[str]:
    """The lines of every shell block, continued ones joined, without comments."""
    lines = "".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    return [line for line in (re.sub(r"(^|\s+)#.*", "", line).rstrip() for line in lines) if line]


def code_in(page: Path) -> list[str]:
    """Every line of a shell block, and every piece of code in the text."""
    return [*shell_lines(page), *CODE.findall(without_blocks(page))]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", without_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for address in LINK.findall(CODE.sub("", without_blocks(page))):
        parts = urlsplit(address)
        if not parts.scheme:
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.exists(), address
            assert not parts.fragment or parts.fragment in anchors(target), address


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_this_machine_or_where_packages_come_from(page: Path) -> None:
    assert FORBIDDEN.findall(text_of(page)) == []


@pytest.mark.parametrize("page", GUIDES, ids=named)
def test_every_guide_begins_with_a_summary_in_indonesian_and_stands_in_the_index(page: Path) -> None:
    assert text_of(page).splitlines()[2].startswith("**Ringkasan.** ")
    assert page.name == "README.md" or f"]({page.name})" in text_of(ROOT / "docs/README.md")


def test_both_readmes_have_the_same_commands() -> None:
    assert shell_lines(ROOT / "README.md") == shell_lines(ROOT / "README.id.md") != []


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
    for call in CALL.findall(line):
        words = [word.rstrip(".,:") for word in call.replace("…", "").split()]
        name: tuple[str, ...] = ()
        while words and (*name, words[0]) in known:
            name = (*name, words.pop(0))
        assert name, f"there is no such command: {line}"
        assert not (words and getattr(known[name], "commands", {})), f"there is no such command: {line}"
        options = {text for parameter in known[name].params for text in parameter.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= options, f"no such option: {line}"


@pytest.mark.parametrize("page", OURS, ids=named)
def test_every_command_exists(page: Path) -> None:
    known = commands()
    for line in code_in(page):
        if line not in COMING:
            check_command(line, known)


@pytest.mark.parametrize("wrong", ["gerbang fly", "$(.venv/bin/gerbang city burn)", "gerbang token resident --role x"])
def test_a_wrong_command_is_noticed(wrong: str) -> None:
    with pytest.raises(AssertionError):
        check_command(wrong, commands())


@pytest.mark.parametrize("page", OURS, ids=named)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for line in code_in(page):
        assert set(re.findall(r"(?:^|\s)make ([a-z-]+)", line)) <= targets, line


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every path that the gateway serves, with its methods."""
    settings = load_settings(mode=Mode.DEMO, home=tmp_path_factory.mktemp("home"), port=8000)
    paths: dict[str, set[str]] = {}

    def walk(routes: Any) -> None:
        for route in routes:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                walk(inner.routes)
            else:
                paths.setdefault(route.path, set()).update(route.methods or {"GET"})

    walk(create_app(settings, registry=Registry(())).routes)
    return paths


def is_served(path: str, method: str | None, served: dict[str, set[str]]) -> bool:
    """Whether a path is served by this method, or by any when none is said."""
    asked = re.sub(r"\$\w+|<[a-z]+>|…", "x", path)
    return any(
        re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), asked) and (method is None or method in methods)
        for template, methods in served.items()
    )


def addresses(page: Path) -> Iterator[tuple[str, str | None]]:
    """Every address that a page calls or names, with its method where that is said."""
    for line in shell_lines(page):
        method = "POST" if re.search(r"\s-d\s", line) else "GET"
        yield from ((urlsplit(url).path, method) for url in re.findall(r"https?://localhost:\d+(/[^\s\"']*)", line))
    for code in CODE.findall(without_blocks(page)):
        named_path = r"(?:(GET|POST) )?(/(?:v1/|oauth2|problems|livez|readyz|docs|openapi)[^\s?]*)(?:\?.*)?"
        if match := re.fullmatch(named_path, code):
            yield match[2], match[1]


@pytest.mark.parametrize("page", OURS, ids=named)
def test_every_address_is_served(page: Path, served: dict[str, set[str]]) -> None:
    for path, method in addresses(page):
        assert is_served(path, method, served), f"{method or 'any'} {path}"


def test_a_wrong_address_is_noticed(served: dict[str, set[str]]) -> None:
    assert is_served("/v1/me/applications/$ID", "GET", served)
    assert not any(
        is_served(path, method, served)
        for path, method in (("/v1/fly", None), ("/v1/me/applications/x/y", None), ("/v1/services", "POST"))
    )


@pytest.mark.parametrize("page", OURS, ids=named)
def test_every_file_named_exists(page: Path) -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    for code in CODE.findall(without_blocks(page)):
        first, slash, _ = code.partition("/")
        if slash and first in folders and re.fullmatch(r"[\w./-]+", code):
            assert (ROOT / code).exists(), code


def test_functions_named_beside_a_file_stand_in_it() -> None:
    beside = re.compile(r"`([\w/]+\.py)`[,(\s]+((?:`[A-Za-z_.]+`[,\s]*)+)")
    named_there = [
        (file, name.rpartition(".")[2])
        for file, names in beside.findall(without_blocks(ROOT / "docs/architecture.md"))
        for name in CODE.findall(names)
    ]
    assert len(named_there) > 20
    for file, name in named_there:
        defined = rf"^ *(?:(?:async )?def {name}\(|class {name}\b|{name}(?::| =))"
        assert re.search(defined, text_of(ROOT / file), re.MULTILINE), f"{file}: {name}"


@pytest.mark.parametrize("page", GUIDES, ids=named)
def test_excerpts_stand_in_the_code_and_python_is_python(page: Path) -> None:
    for block in blocks(page, "python"):
        source, _, excerpt = block.partition("\n")
        if source.startswith("# ") and source.endswith(".py") and "/" in source:
            assert excerpt.rstrip() in text_of(ROOT / source.removeprefix("# ")), source
        else:
            ast.parse(block)
