"""Texts for people, in Indonesian and English, and coded values.

A `Text` holds both languages and is written to JSON as one string, in the language that the reader asked for
(`Accept-Language`; Indonesian when nothing is asked or nothing else is there).
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, SerializationInfo, model_serializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from schemas.classes import Classed, general


class Language(StrEnum):
    """A language in which texts for people are kept (BCP 47)."""

    INDONESIAN = "id"
    ENGLISH = "en"


class Text(BaseModel):
    """A text for people. `en` is None where the system that owns the text has no English one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    en: str | None = None

    def in_language(self, language: Language) -> str:
        """The text in `language`, or in Indonesian where it has not been translated."""
        return self.en if language is Language.ENGLISH and self.en else self.id

    @model_serializer
    def _written(self, info: SerializationInfo) -> Any:  # noqa: ANN401 - a string, or both languages for keeping
        context = info.context if isinstance(info.context, dict) else {}
        if context.get("keep"):
            return {"id": self.id, "en": self.en}
        return self.in_language(context.get("language", Language.INDONESIAN))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """For readers a text is a string."""
        del schema, handler
        return {"type": "string"}


KEEP: dict[str, bool] = {"keep": True}
"""Serialisation context under which texts keep both languages: for what the gateway stores for itself."""


class Coded(Classed):
    """A value from a code list (FHIR Coding): the list, the code, and what it says to people.

    An unknown legacy value keeps its own code under the legacy system's list and is flagged `code-unknown`.
    """

    system: Annotated[str, general("Daftar kode", "Code list", examples=["letter-type"])]
    code: Annotated[str, general("Kode", "Code", examples=["domicile"])]
    display: Annotated[Text | None, general("Tampilan", "Display text")] = None
