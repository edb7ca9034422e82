"""The files of the package, its datasheet, and the table of its README."""

import importlib
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Final

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo

from conformance.check_context import CheckContext
from conformance.rules import Flaws

MODULES: Final = ("__init__.py", "settings.py", "wire.py", "client.py", "normalise.py")
README: Final = "README.md"
_DATASHEET: Final = {
    "owner": "who owns the system (Owner)",
    "protocol": "how it speaks (Protocol)",
    "source of the specification": "where that is written (Source of the specification)",
    "quirk": "its quirks (Quirks)",
    "personal data": "the personal data that is kept (Personal data)",
}
_CODE: Final = re.compile(r"`([^`]*)`")


def in_the_tree(context: CheckContext) -> str | None:
    """For rules about the package of an adapter."""
    return (
        "a remote adapter has no package: what it brings is checked record by record"
        if context.adapter.remote
        else None
    )


def files(context: CheckContext) -> str:
    """Every module that a package always has, and its README."""
    flaws = Flaws()
    for name in (*MODULES, README):
        path = context.adapter.folder / name
        flaws.unless(path.is_file() and path.stat().st_size > 0, f"{name} is missing, or empty")
    return flaws.settle(f"{len(MODULES) + 1} files")


def datasheet(context: CheckContext) -> str:
    """The package's docstring says what is to be known of the system."""
    said = " ".join((context.adapter.package.__doc__ or "").casefold().split())
    flaws = Flaws()
    flaws.unless(said, "the package has no docstring")
    for word, meaning in _DATASHEET.items():
        flaws.unless(word in said, f"the docstring does not say {meaning}")
    return flaws.settle(f"{len(_DATASHEET)} headings")


def readme(context: CheckContext) -> str:
    """Every field of `wire` stands in a table of the README under the system's own name."""
    named = set(_named(context))
    flaws = Flaws()
    fields = 0
    for model in wire_models(context):
        for name, info in _own_fields(model):
            fields += 1
            names = legacy_names(name, info)
            flaws.unless(
                any(named >= set(_words(one)) for one in names),
                f"the README's tables do not say what becomes of {model.__name__}.{name} ({names[0]!r})",
            )
    flaws.unless(fields, "wire.py has no models with fields")
    return flaws.settle(f"{fields} fields")


def wire_models(context: CheckContext) -> Iterator[type[BaseModel]]:
    """The models that `wire.py` itself defines."""
    wire: ModuleType = importlib.import_module(f"{context.adapter.package.__name__}.wire")
    for value in vars(wire).values():
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == wire.__name__:
            yield value


def legacy_names(name: str, info: FieldInfo) -> tuple[str, ...]:
    """The names under which the system sends a field; any of them will do."""
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
    """The words that stand as code in the rows of the README's tables."""
    path = context.adapter.folder / README
    text = path.read_text("utf-8") if path.is_file() else ""
    for line in text.splitlines():
        if line.lstrip().startswith("|"):
            for code in _CODE.findall(line):
                yield from _words(code)


def _words(code: str) -> list[str]:
    return re.findall(r"[^\s.,;:/\[\]()=]+", code)
