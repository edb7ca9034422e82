"""Decision records (docs/decisions): form, numbering, dates, links to code, and the index."""

import re
from datetime import date
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs/decisions"
RECORDS = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
SECTIONS = ["Status", "Context", "Decision", "Consequences", "Code"]
LINES = 70
"""The longest record: about one printed page."""

ACCEPTED = re.compile(r"Accepted on (\d{4}-\d{2}-\d{2})\.")
AMENDED = re.compile(r"Amended on (\d{4}-\d{2}-\d{2}): \w")
REPLACED = re.compile(r"Replaced by \[(\d{4})\]\(\1-[a-z0-9-]+\.md\)\.")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def section(page: Path, heading: str) -> str:
    return " ".join(text_of(page).partition(f"\n## {heading}\n")[2].partition("\n## ")[0].split())


def title(page: Path) -> str:
    found = re.match(r"# (\d+)\. (.+)\n", text_of(page))
    assert found, "the first line is not '# N. Title'"
    assert int(found[1]) == int(page.name[:4])
    return found[2]


def short_status(page: Path) -> str:
    """The status as the index gives it."""
    status = section(page, "Status")
    if replaced := REPLACED.match(status):
        return f"replaced by {replaced[1]}"
    accepted = ACCEPTED.match(status)
    assert accepted, status
    amended = AMENDED.findall(status)
    days = [date.fromisoformat(day) for day in (accepted[1], *amended)]
    assert days == sorted(days)
    return f"accepted {accepted[1]}" + (f", amended {amended[-1]}" if amended else "")


def named(page: Path) -> str:
    return page.stem


def test_records_are_numbered_without_a_gap() -> None:
    assert [page.name[:5] for page in RECORDS] == [f"{number:04}-" for number in range(1, len(RECORDS) + 1)] != []


@pytest.mark.parametrize("page", RECORDS, ids=named)
def test_every_record_has_its_summary_and_sections_on_about_one_page(page: Path) -> None:
    lines = text_of(page).splitlines()
    assert lines[2].startswith("**Ringkasan.** ")
    assert re.findall(r"^## (.+)$", text_of(page), re.MULTILINE) == SECTIONS
    assert all(section(page, heading) for heading in SECTIONS)
    assert "Alternatives weighed:" in section(page, "Consequences")
    assert len(lines) <= LINES


@pytest.mark.parametrize("page", RECORDS, ids=named)
def test_every_record_links_to_code(page: Path) -> None:
    assert re.search(r"\]\(\.\./\.\./[\w./-]+\)", section(page, "Code"))


def test_the_index_lists_every_record_with_its_title_and_status() -> None:
    listed = re.findall(r"^\| \[\d{4}\]\(.*$", text_of(FOLDER / "README.md"), re.MULTILINE)
    assert listed == [f"| [{page.name[:4]}]({page.name}) | {title(page)} | {short_status(page)} |" for page in RECORDS]
