"""Data classes: every field of the canonical schema declares how sensitive it is.

The three classes follow Indonesian Law 27/2022 on personal data protection (article 4): *general* is not personal data,
*personal* identifies a person, *specific* is the specially protected kind (health, finances, children).

A subclass of `Classed` cannot be imported while one of its fields has no class, or while a field that may have to be
masked cannot be (it must be nullable, a string, a tuple, or itself classed).
"""

from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class DataClass(StrEnum):
    """The sensitivity of a field, least first."""

    GENERAL = "general"
    PERSONAL = "personal"
    SPECIFIC = "specific"


class UnclassedFieldError(TypeError):
    """A field of the canonical schema has no data class, or could not be masked."""


def _field(data_class: DataClass, title_id: str, title_en: str, examples: list[Any] | None) -> Any:  # noqa: ANN401 - a field declaration fits every type
    return Field(
        title=title_id,
        description=title_en,
        examples=examples,
        json_schema_extra={"x-data-class": data_class.value},
    )


def general(title_id: str, title_en: str, *, examples: list[Any] | None = None) -> Any:  # noqa: ANN401 - see _field
    """Declare a field that is not personal data: Indonesian title, English description."""
    return _field(DataClass.GENERAL, title_id, title_en, examples)


def personal(title_id: str, title_en: str, *, examples: list[Any] | None = None) -> Any:  # noqa: ANN401 - see _field
    """Declare a field that identifies a person: Indonesian title, English description."""
    return _field(DataClass.PERSONAL, title_id, title_en, examples)


def specific(title_id: str, title_en: str, *, examples: list[Any] | None = None) -> Any:  # noqa: ANN401 - see _field
    """Declare a field of specially protected personal data (health, finances, children)."""
    return _field(DataClass.SPECIFIC, title_id, title_en, examples)


def class_of(info: FieldInfo) -> DataClass | None:
    """Return the data class of a field, or None if none is declared."""
    extra = info.json_schema_extra
    declared = extra.get("x-data-class") if isinstance(extra, dict) else None
    return DataClass(declared) if isinstance(declared, str) else None


def _maskable(annotation: Any) -> bool:  # noqa: ANN401 - any annotation
    """Return whether the type has an empty value: null, no items, a masked text, or a model of such fields."""
    if get_origin(annotation) in (Union, UnionType):
        return NoneType in get_args(annotation)
    if get_origin(annotation) is tuple:
        return True
    if not isinstance(annotation, type) or issubclass(annotation, Enum):
        return False
    if issubclass(annotation, Classed):
        return all(_maskable(info.annotation) for info in annotation.model_fields.values())
    return issubclass(annotation, str)


class Classed(BaseModel):
    """A frozen model in which every field carries a data class."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, ser_json_timedelta="iso8601")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own signature
        super().__pydantic_init_subclass__(**kwargs)
        for name, info in cls.model_fields.items():
            data_class = class_of(info)
            if data_class is None:
                raise UnclassedFieldError(f"{cls.__name__}.{name} has no data class: use general, personal or specific")
            if data_class is not DataClass.GENERAL and not _maskable(info.annotation):
                raise UnclassedFieldError(
                    f"{cls.__name__}.{name} is {data_class} but cannot be masked: make it nullable"
                )
