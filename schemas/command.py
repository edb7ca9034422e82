"""The base of commands: changes that a system is requested to make. Each command is defined beside its record.

Every field declares a data class, as in the records. A command is shown only to the system that carries it out, so its
fields need not be maskable; its `repr` shows only the general ones.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas.classes import DataClass, UnclassedFieldError, class_of


class Command(BaseModel):
    """A frozen command. A subclass with a field that has no data class cannot be imported."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own signature
        super().__pydantic_init_subclass__(**kwargs)
        for name, info in cls.model_fields.items():
            if class_of(info) is None:
                raise UnclassedFieldError(f"{cls.__name__}.{name} has no data class: use general, personal or specific")

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Return the general fields only."""
        for name, info in type(self).model_fields.items():
            if class_of(info) is DataClass.GENERAL:
                yield name, getattr(self, name)
