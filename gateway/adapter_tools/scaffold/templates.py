"""Fills in the template's files.

`adapters/_template/` has a folder for each way of reaching a system, and folders that several ways share. They contain
files under their later paths, with `PACKAGE` and `ID` for the new system's names. `<< … >>` and `<% … %>` are filled in
by jinja2; a file whose name begins with `_` is only a part of other files.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.adapter_tools.scaffold.new_system import AccessMethod, NewSystem

_ENDING: Final = ".jinja"
LAYERS: Final[Mapping[AccessMethod, tuple[str, ...]]] = MappingProxyType(
    {
        AccessMethod.HTTP: ("every", "bill", "http"),
        AccessMethod.SOAP: ("every", "bill", "soap"),
        AccessMethod.SQL: ("every", "bill", "sql"),
        AccessMethod.FILES: ("every", "files"),
        AccessMethod.REMOTE: ("every", "remote"),
    }
)
"""The template folders for each access method; of two files with the same path the later folder's is used."""


def render_files(template: Path, system: NewSystem) -> dict[Path, str]:
    """Render every new file; the keys are paths in the source tree."""
    # Nothing here is HTML: the values were checked to be valid in Python, TOML, JSON and Markdown alike.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(template),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters["literal"] = _literal
    values = {
        "id": system.id,
        "package": system.package,
        "agency": system.agency,
        "title": system.title,
        "title_en": system.title_en,
        "transport": system.way.value,
    }
    return {
        path: environment.get_template(source).render(values)
        for layer in LAYERS[system.way]
        for source, path in _sources(template, layer, system)
    }


def _sources(template: Path, layer: str, system: NewSystem) -> Iterator[tuple[str, Path]]:
    """The template's files of one folder, each with its target path."""
    for file in sorted((template / layer).rglob(f"*{_ENDING}")):
        if file.name.startswith("_") and not file.name.startswith("__"):
            continue
        place = file.relative_to(template / layer).as_posix().removesuffix(_ENDING)
        named = place.replace("PACKAGE", system.package).replace("ID.", f"{system.id}.")
        yield file.relative_to(template).as_posix(), Path(named)


def _literal(text: str) -> str:
    """A text between double quotes: the same in Python, TOML and JSON."""
    return json.dumps(text, ensure_ascii=False)
