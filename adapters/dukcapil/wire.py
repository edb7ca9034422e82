"""The payloads of the NIK service, with its key names, including trailing blanks and misspellings."""

from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue

from adapters.legacy.envelopes import ONE_OR_MANY
from schemas.numbers import nik

Number = int | str | float
"""A column of digits: JSON text in some rows, a JSON number in others. The type matters for a NIK."""


class Wire(BaseModel):
    """A payload: unknown keys are dropped, numbers are read as text."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


class Envelope(Wire):
    """Every answer: a list of one item, or that item itself."""

    content: Annotated[list[JsonValue], ONE_OR_MANY, Field(repr=False)]


class Refusal(Wire):
    """An error in place of a person: as a text, or as a code."""

    RESPON: Annotated[str | None, Field(validation_alias=AliasChoices("RESPON", "RESPON "))] = None
    RESPONSE_CODE: str | None = None


class Biodata(Wire):
    """A person of the civil register. `repr` shows no values."""

    EKTP_STATUS: Annotated[str | None, Field(repr=False)] = None
    NIK: Annotated[Number | None, Field(repr=False)] = None
    NO_KK: Annotated[Number | None, Field(repr=False)] = None
    NAMA_LGKP: Annotated[str | None, Field(repr=False)] = None
    TMPT_LHR: Annotated[str | None, Field(repr=False)] = None
    TGL_LHR: Annotated[str | None, Field(repr=False)] = None
    JENIS_KLMIN: Annotated[str | None, Field(repr=False)] = None
    AGAMA: Annotated[str | None, Field(repr=False)] = None
    STAT_HBKEL: Annotated[str | None, Field(repr=False)] = None
    STATUS_KAWIN: Annotated[
        str | None, Field(repr=False, validation_alias=AliasChoices("STATUS_KAWIN", "STATUS_KWIN"))
    ] = None
    JENIS_PKRJN: Annotated[
        str | None, Field(repr=False, validation_alias=AliasChoices("JENIS_PKRJN", "JENIS_PKRJAN"))
    ] = None
    PDDK_AKH: Annotated[str | None, Field(repr=False, validation_alias=AliasChoices("PDDK_AKH ", "PDDK_AKH"))] = None
    ALAMAT: Annotated[str | None, Field(repr=False)] = None
    NO_RT: Annotated[str | None, Field(repr=False)] = None
    NO_RW: Annotated[str | None, Field(repr=False, validation_alias=AliasChoices("NO_RW ", "NO_RW"))] = None
    KODE_POS: Annotated[str | None, Field(repr=False)] = None
    NO_PROP: Annotated[str | None, Field(repr=False)] = None
    NO_KAB: Annotated[str | None, Field(repr=False)] = None
    NO_KEC: Annotated[str | None, Field(repr=False)] = None
    NO_KEL: Annotated[str | None, Field(repr=False)] = None

    @property
    def digits(self) -> str:
        """The digits of the NIK, for comparison, with leading zeros restored. Empty when there is none."""
        return nik.compact(str(self.NIK)).zfill(nik.LENGTH) if self.NIK else ""
