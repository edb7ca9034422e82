"""Rewrites whole answers: JSON, XML, HTML, CSV, workbooks, text. Answers of other kinds are not saved."""

import csv
import json
from dataclasses import dataclass, field
from io import StringIO
from typing import Final

from adapters.legacy.charsets import decode
from adapters.legacy.envelopes import looks_like_html
from gateway.adapter_tools.recorder.markup import DamagedDocumentError, html_of, xml_of
from gateway.adapter_tools.recorder.replacer import Replacer
from gateway.adapter_tools.recorder.workbooks import workbook_of

_BOM: Final = b"\xef\xbb\xbf"
_ZIP: Final = b"PK\x03\x04"
_DELIMITERS: Final = ";,\t|"
_FEWEST_LINES: Final = 2


class UnjudgedError(ValueError):
    """An answer of a kind in which personal data cannot be recognised."""


@dataclass(frozen=True, slots=True)
class RewrittenAnswer:
    """A whole answer with replaced values: its bytes, its file extension, and its texts for the final check."""

    content: bytes = field(repr=False)
    ending: str
    texts: tuple[str, ...] = field(repr=False)


def rewrite_answer(content: bytes, replacer: Replacer) -> RewrittenAnswer:
    """Rewrite an answer with replaced values. Raises `UnjudgedError`."""
    try:
        return _rewrite(content, replacer)
    except DamagedDocumentError as error:
        raise UnjudgedError(str(error)) from None


def _rewrite(content: bytes, replacer: Replacer) -> RewrittenAnswer:
    if content.startswith(_ZIP):
        rewritten_workbook, texts = workbook_of(content, replacer)
        return RewrittenAnswer(rewritten_workbook, "xlsx", texts)
    text = decode(content, "utf-8").value or ""
    if "\x00" in text or text.count("\ufffd") > len(text) // 20:
        raise UnjudgedError("bytes that are no text")
    rewritten, ending, texts = _text_of(text, content, replacer)
    return RewrittenAnswer((_BOM if content.startswith(_BOM) else b"") + rewritten.encode(), ending, texts)


def _text_of(text: str, content: bytes, replacer: Replacer) -> tuple[str, str, tuple[str, ...]]:
    if looks_like_html(content):
        rewritten, texts = html_of(text, replacer)
        return rewritten, "html", texts
    if text.lstrip().startswith("<"):
        rewritten, texts = xml_of(content, replacer)
        return rewritten, "xml", texts
    try:
        tree = json.loads(text)
        replacer.learn(tree)
        rewritten, ending = json.dumps(replacer.tree(tree), ensure_ascii=False, indent=2) + "\n", "json"
    except (ValueError, RecursionError):
        rewritten, ending = _table_of(text, replacer)
    return rewritten, ending, (rewritten,)


def _lines(text: str, delimiter: str) -> list[list[str]]:
    """The lines of a table; none for a text that is no table, such as one with a single quotation mark."""
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _table_of(text: str, replacer: Replacer) -> tuple[str, str]:
    """Rewrite a table with a header line; any other text is replaced as a text."""
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    lines = _lines(text, delimiter) if delimiter in first else []
    if len(lines) < _FEWEST_LINES:
        return replacer.text(text), "txt"
    names = lines[0]
    for line in lines[1:]:
        replacer.learn(dict(zip(names, line, strict=False)))
    written = StringIO(newline="")
    table = csv.writer(written, delimiter=delimiter)
    table.writerow([replacer.text(name) for name in names])
    for line in lines[1:]:
        columns = [*names, *[""] * len(line)]
        table.writerow([replacer.text(cell, column) for cell, column in zip(line, columns, strict=False)])
    return written.getvalue(), "csv"
