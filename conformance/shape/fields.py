"""Settings must be described and protect their secrets; every field of a body must have a data class."""

import re
from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic import BaseModel, SecretBytes, SecretStr

from conformance.check_context import CheckContext
from conformance.rules import Violations
from schemas.classes import Classed, class_of
from schemas.records import Body
from schemas.texts import Text

_SECRET: Final = re.compile(r"(?:^|_)(?:password|passwd|passphrase|pin|secret|token|key|sandi|kunci)(?:_|$)")


def settings(context: CheckContext) -> str:
    """Require that every setting is described, and that a setting named like a secret is a `SecretStr`."""
    violations = Violations()
    fields = context.spec.settings.model_fields
    for name, info in fields.items():
        violations.require((info.description or "").strip(), f"the setting {name} is not described")
        if _SECRET.search(name):
            violations.require(
                _is_secret(info.annotation), f"the setting {name} is named like a secret and is no SecretStr"
            )
    config = context.spec.settings.model_config
    violations.require(config.get("extra") == "forbid", "unknown settings are accepted: extra is not 'forbid'")
    violations.require(
        config.get("hide_input_in_errors"), "errors of settings would quote the values: hide_input_in_errors is not set"
    )
    return violations.finish(f"{len(fields)} settings")


def bodies(context: CheckContext) -> str:
    """Require a data class for every field of every body, nested ones included, and of every command."""
    violations = Violations()
    seen: set[type[BaseModel]] = set()
    for row in context.spec.reads:
        violations.require(issubclass(row.resource.body, Body), f"the body of {row.resource.name} is no Body")
        violations.extend(_unclassed(row.resource.body, seen))
    for write in context.spec.writes:
        for name, info in write.command.model_fields.items():
            violations.require(class_of(info), f"{write.command.__name__}.{name} has no data class")
    return violations.finish(f"{len(seen)} models, {len(context.spec.writes)} commands")


def _is_secret(annotation: Any) -> bool:  # noqa: ANN401 - any annotation
    return annotation in (SecretStr, SecretBytes) or any(_is_secret(part) for part in get_args(annotation))


def _unclassed(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[str]:
    if model in seen or model is Text:
        return
    seen.add(model)
    if not issubclass(model, Classed):
        yield f"{model.__name__} is not classed"
    for name, info in model.model_fields.items():
        if class_of(info) is None:
            yield f"{model.__name__}.{name} has no data class"
        for inner in _models(info.annotation):
            yield from _unclassed(inner, seen)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
