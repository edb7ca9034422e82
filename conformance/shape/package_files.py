"""The files of the package, its datasheet, and the field table of its README."""

import importlib
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Final

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo

from conformance.check_context import CheckContext
from conformance.rules import Violations

MODULES: Final = ("__init__.py", "settings.py", "wire.py", "client.py", "normalise.py")
README: Final = "README.md"
_DATASHEET: Final = {
    "owner": "the owner of the system (Owner)",
    "protocol": "the protocol (Protocol)",
    "source of the specification": "the source of the specification (Source of the specification)",
    "quirk": "the quirks (Quirks)",
    "personal data": "the stored personal data (Personal data)",
}
_CODE: Final = re.compile(r"`([^`]*)`")


def has_package(context: CheckContext) -> str | None:
    """Applies to adapters with a package."""
    return (
        "a remote adapter has no package here; its records are checked one by one" if context.adapter.remote else None
    )


def files(context: CheckContext) -> str:
    """Require every module that a package must have, and its README."""
    violations = Violations()
    for name in (*MODULES, README):
        path = context.adapter.folder / name
        violations.require(path.is_file() and path.stat().st_size > 0, f"{name} is missing, or empty")
    return violations.finish(f"{len(MODULES) + 1} files")


def datasheet(context: CheckContext) -> str:
    """Require that the package's docstring contains every heading of a datasheet."""
    said = " ".join((context.adapter.package.__doc__ or "").casefold().split())
    violations = Violations()
    violations.require(said, "the package has no docstring")
    for word, meaning in _DATASHEET.items():
        violations.require(word in said, f"the docstring does not state {meaning}")
    return violations.finish(f"{len(_DATASHEET)} headings")


def readme(context: CheckContext) -> str:
    """Require that every field of `wire` is in a table of the README by the system's own name."""
    named = set(_named(context))
    violations = Violations()
    fields = 0
    for model in wire_models(context):
        for name, info in _own_fields(model):
            fields += 1
            names = legacy_names(name, info)
            violations.require(
                any(named >= set(_words(one)) for one in names),
                f"the README's tables do not contain {model.__name__}.{name} ({names[0]!r})",
            )
    violations.require(fields, "wire.py has no models with fields")
    return violations.finish(f"{fields} fields")


def wire_models(context: CheckContext) -> Iterator[type[BaseModel]]:
    """Yield the models that `wire.py` itself defines."""
    wire: ModuleType = importlib.import_module(f"{context.adapter.package.__name__}.wire")
    for value in vars(wire).values():
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == wire.__name__:
            yield value


def legacy_names(name: str, info: FieldInfo) -> tuple[str, ...]:
    """Return the names under which the system sends a field; the README needs one of them."""
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice.path[-1]) if isinstance(choice, AliasPath) else choice for choice in alias.choices)
    if isinstance(alias, AliasPath):
        return (str(alias.path[-1]),)
    return (alias or name,)


def _own_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, info in model.model_fields.items():
        if name in vars(model).get("__annotations__", {}):
            yield name, info


def _named(context: CheckContext) -> Iterator[str]:
    """Yield the words in code spans in the rows of the README's tables."""
    path = context.adapter.folder / README
    text = path.read_text("utf-8") if path.is_file() else ""
    for line in text.splitlines():
        if line.lstrip().startswith("|"):
            for code in _CODE.findall(line):
                yield from _words(code)


def _words(code: str) -> list[str]:
    return re.findall(r"[^\s.,;:/\[\]()=]+", code)
