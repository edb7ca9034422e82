"""Find the lists of records in a payload: JSON, XML, delimited text, an archive of these, or database rows."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from lxml import etree

from conformance.damages.bodies import json_of
from conformance.mutation.markup import PartTable, XmlTable
from conformance.mutation.tables import JsonTable, PayloadTable, RowTable, TextTable

_DECLARATION: Final = re.compile(r"(?:\u00ef\u00bb\u00bf)?\s*<\?xml[^>]*\?>")


def tables_of(payload: Any) -> list[PayloadTable]:  # noqa: ANN401 - bytes, or rows
    """Parse the lists of records in a payload, anew on each call; empty if the payload cannot be parsed."""
    if isinstance(payload, tuple):
        return [RowTable([dict(row) for row in payload])] if payload and isinstance(payload[0], dict) else []
    content: bytes = payload
    if content.startswith(b"PK\x03\x04"):
        return _in_archive(content)
    document = json_of(content)
    if document is not None:
        return [JsonTable(document, found) for found in _lists(document)]
    if content.lstrip().startswith(b"<"):
        return _in_xml(content)
    return _in_text(content)


def _lists(value: Any) -> Iterator[list[Any]]:  # noqa: ANN401 - JSON
    """Yield lists of objects, the outermost first; lists within a record are fields of that record."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _lists(inner)


def _in_xml(content: bytes) -> list[PayloadTable]:
    if b"<html" in content[:4096].lower():
        return []
    # Decoded as latin-1, so that every byte is preserved, whatever the charset and the declaration are.
    text = content.decode("latin-1")
    begins = _DECLARATION.match(text)
    beginning = begins[0] if begins else ""
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(text.removeprefix(beginning), parser)
    except etree.XMLSyntaxError:
        return []
    found: list[PayloadTable] = []
    for parent in root.iter():
        kinds: dict[str, list[Any]] = {}
        for child in parent:
            if isinstance(child.tag, str) and len(child):
                kinds.setdefault(child.tag, []).append(child)
        found += [XmlTable(root, children, beginning) for children in kinds.values() if len(children) > 1]
    return found


def _in_text(content: bytes) -> list[PayloadTable]:
    """Return a delimited table with a header; nothing for any other text."""
    if b"\0" in content[:4096] or not content.strip():
        return []
    text = content.decode("latin-1")
    beginning = "\u00ef\u00bb\u00bf" if text.startswith("\u00ef\u00bb\u00bf") else ""
    text = text.removeprefix(beginning)
    first = text.partition("\n")[0]
    separator = max(",;\t|", key=first.count)
    try:
        header, *rest = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except (csv.Error, ValueError):  # one long text with a quotation mark; a BOM without content
        return []
    if len(header) < 2 or len(rest) < 2:
        return []
    return [TextTable(header, rest, separator, "\r\n" if "\r\n" in text else "\n", beginning)]


def _in_archive(content: bytes) -> list[PayloadTable]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist() if not name.startswith("[")}
    except BadZipFile:
        return []
    found: list[PayloadTable] = []
    for name, part in parts.items():
        if name.endswith((".txt", ".csv")) or ("sheet" in name and name.endswith(".xml")):
            inner = _sheet_rows(part) if name.endswith(".xml") else _in_text(part)
            found.extend(PartTable(content, name, table) for table in inner if table.size() > 1)
    return found


def _sheet_rows(part: bytes) -> list[PayloadTable]:
    """Return the rows of a sheet, without the lists of cells in each row."""
    tables = (table for table in _in_xml(part) if isinstance(table, XmlTable))
    return [table for table in tables if etree.QName(table.records[0]).localname == "row"]
