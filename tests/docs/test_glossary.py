"""`docs/glossary.md` is the one place that defines the words of the house, and it lists no word that nobody uses."""

import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs/glossary.md"
FOLDERS = ("adapters", "conformance", "gateway", "schemas", "simulators")
ROW = re.compile(r"^\| (?!word |---)(.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall(GLOSSARY.read_text("utf-8"))
WORDS = [word for words, _, _ in ROWS for word in words.split(", ")]


@cache
def tree() -> str:
    """All code and all pages but the glossary, in small letters, with one space in place of every separator."""
    code = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in FOLDERS)
    pages = [*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]
    texts = (path.read_text("utf-8") for path in (*code, *pages) if path != GLOSSARY)
    return re.sub(r"[\W_]+", " ", " ".join(texts)).lower()


def is_used(word: str) -> bool:
    return re.search(rf"\b{re.escape(word.lower())}(?:e?s|d)?\b", tree()) is not None


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_used(word: str) -> None:
    assert is_used(word)


def test_a_word_that_nobody_uses_is_noticed() -> None:
    assert not is_used("flux capacitor")


def test_every_row_has_a_word_in_both_languages_and_no_word_has_two_rows() -> None:
    assert len(set(WORDS)) == len(WORDS) > 0
    assert all(indonesian.strip("–") for _, indonesian, _ in ROWS)
    assert GLOSSARY.read_text("utf-8").count("\n| ") == len(ROWS) + 2 * GLOSSARY.read_text("utf-8").count("\n## ")


def test_no_other_page_has_a_table_of_words() -> None:
    for page in ROOT.rglob("*.md"):
        if page != GLOSSARY and not {".venv", "node_modules"} & set(page.relative_to(ROOT).parts):
            assert "| word |" not in page.read_text("utf-8"), page
