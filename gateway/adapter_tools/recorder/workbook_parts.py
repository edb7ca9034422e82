"""What of a workbook's parts is kept: cells, the names of sheets, and how numbers are to be read.

Spreadsheet programs leave people in many places: who saved it and from which folder, what a list was filtered by, the
formula that a cell comes from. So the elements and attributes that are kept are listed, not those that are not.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

_LEFT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    dict.fromkeys(
        # How many looks there are has to fit those who point at them; how they look is of no use.
        (
            *("Types", "Relationships", "workbook", "sheets", "styleSheet", "cellStyles", "worksheet", "sheetData"),
            *("fonts", "font", "fills", "fill", "patternFill", "gradientFill", "borders", "border", "is", "v"),
        ),
        frozenset[str](),
    )
    | dict.fromkeys(("numFmts", "cellXfs", "cellStyleXfs", "mergeCells"), frozenset({"count"}))
    | dict.fromkeys(("dimension", "mergeCell"), frozenset({"ref"}))
    | {
        "Default": frozenset({"Extension", "ContentType"}),
        "Override": frozenset({"PartName", "ContentType"}),
        "Relationship": frozenset({"Id", "Type", "Target"}),
        "workbookPr": frozenset({"date1904"}),
        "sheet": frozenset({"name", "sheetId", "state", "id"}),
        "numFmt": frozenset({"numFmtId", "formatCode"}),
        "xf": frozenset({"numFmtId", "xfId", "applyNumberFormat"}),
        "cellStyle": frozenset({"name", "xfId", "builtinId"}),
        "row": frozenset({"r"}),
        "c": frozenset({"r", "s", "t"}),
        "t": frozenset({"space"}),
    }
)
"""The elements that are kept, and of each the attributes."""
_SAID: Final = frozenset({"t", "v"})
_FREE: Final = frozenset({"name", "formatCode"})
_QUOTED: Final = re.compile(r'"[^"]*"')
_POINTED_AT: Final = re.compile(r"(?:workbook|styles|sheet\d+)\.xml$")
_LONGEST: Final = 31


def tidied(root: Any, replaced: Callable[[str], str]) -> None:  # noqa: ANN401 - an element of lxml
    """Drop all that is not listed, and what points to a part that is not kept; rename sheets by `replaced`."""
    for element in list(root.iter(etree.Element)):
        name = etree.QName(element).localname
        if element is not root and not _stays(element, name):
            element.getparent().remove(element)
            continue
        for attribute in list(element.attrib):
            if etree.QName(attribute).localname not in _LEFT.get(name, ()):
                del element.attrib[attribute]
        if name == "sheet":
            element.set("name", replaced(str(element.get("name", "")))[:_LONGEST])
        if name == "numFmt":
            element.set("formatCode", _QUOTED.sub("", str(element.get("formatCode", ""))))
        element.text, element.tail = element.text if name in _SAID else None, None


def _stays(element: Any, name: str) -> bool:  # noqa: ANN401 - an element of lxml
    target = str(element.get("Target") or element.get("PartName") or "")
    if name == "cellStyle":  # of those with names readers want the first one, which everybody has
        return bool(element.get("name") == "Normal")
    return name in _LEFT and (not target or _POINTED_AT.search(target) is not None)


def free_texts(root: Any) -> Iterator[str]:  # noqa: ANN401 - an element of lxml
    """What stands in a part beside what the format itself says."""
    for element in root.iter(etree.Element):
        yield element.text or ""
        yield from (str(value) for name, value in element.attrib.items() if name in _FREE)
