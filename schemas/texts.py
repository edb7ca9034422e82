"""Texts for people, in Indonesian and English.

A `Text` contains both languages. In JSON it is one string, in the reader's language (`Accept-Language`; Indonesian by
default, or when there is no translation).
"""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, SerializationInfo, model_serializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Language(StrEnum):
    """A language of texts for people (BCP 47)."""

    INDONESIAN = "id"
    ENGLISH = "en"


class Text(BaseModel):
    """A text for people. `en` is None when the system that owns the text has no English version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    en: str | None = None

    def in_language(self, language: Language) -> str:
        """Return the text in `language`, or in Indonesian when it is not translated."""
        return self.en if language is Language.ENGLISH and self.en else self.id

    @model_serializer
    def _serialize(self, info: SerializationInfo) -> Any:  # noqa: ANN401 - a string, or both languages for storage
        context = info.context if isinstance(info.context, dict) else {}
        if context.get("keep"):
            return {"id": self.id, "en": self.en}
        return self.in_language(context.get("language", Language.INDONESIAN))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema of a string, because readers receive one language."""
        del schema, handler
        return {"type": "string"}


KEEP: dict[str, bool] = {"keep": True}
"""Serialisation context that keeps both languages of texts, for data that the gateway stores."""
