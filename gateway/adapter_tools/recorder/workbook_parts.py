"""The parts of a workbook that are kept: cells, the names of sheets, and number formats.

Spreadsheet programs store personal data in many places: the user and folder of the last save, filters of a list, the
formula of a cell. Therefore the kept elements and attributes are listed, not the dropped ones.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

_KEPT_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    dict.fromkeys(
        # The number of styles has to match the references to them; their appearance is not needed.
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
"""The kept elements, with their kept attributes."""
_TEXT_ELEMENTS: Final = frozenset({"t", "v"})
_TEXT_ATTRIBUTES: Final = frozenset({"name", "formatCode"})
_QUOTED: Final = re.compile(r'"[^"]*"')
_KEPT_TARGETS: Final = re.compile(r"(?:workbook|styles|sheet\d+)\.xml$")
_LONGEST: Final = 31


def keep_listed_parts(root: Any, replaced: Callable[[str], str]) -> None:  # noqa: ANN401 - an element of lxml
    """Drop everything that is not listed, and references to parts that are dropped; rename sheets with `replaced`."""
    for element in list(root.iter(etree.Element)):
        name = etree.QName(element).localname
        if element is not root and not _is_kept(element, name):
            element.getparent().remove(element)
            continue
        for attribute in list(element.attrib):
            if etree.QName(attribute).localname not in _KEPT_ATTRIBUTES.get(name, ()):
                del element.attrib[attribute]
        if name == "sheet":
            element.set("name", replaced(str(element.get("name", "")))[:_LONGEST])
        if name == "numFmt":
            element.set("formatCode", _QUOTED.sub("", str(element.get("formatCode", ""))))
        element.text, element.tail = element.text if name in _TEXT_ELEMENTS else None, None


def _is_kept(element: Any, name: str) -> bool:  # noqa: ANN401 - an element of lxml
    target = str(element.get("Target") or element.get("PartName") or "")
    if name == "cellStyle":  # of the named styles readers need the first one, which every workbook has
        return bool(element.get("name") == "Normal")
    return name in _KEPT_ATTRIBUTES and (not target or _KEPT_TARGETS.search(target) is not None)


def free_texts(root: Any) -> Iterator[str]:  # noqa: ANN401 - an element of lxml
    """The texts of a part that the file format itself does not define."""
    for element in root.iter(etree.Element):
        yield element.text or ""
        yield from (str(value) for name, value in element.attrib.items() if name in _TEXT_ATTRIBUTES)
