"""Settings of the drop folder: which agencies write into it, and in which charset."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from adapters.contract import FileOfficeSettings


class Charset(StrEnum):
    """How an agency's spreadsheet program writes CSV."""

    UTF_8 = "utf-8"
    WINDOWS_1252 = "windows-1252"


class WirausahaSettings(FileOfficeSettings):
    """The folder, and how the agencies' CSV files are to be read: formats are declared, not guessed."""

    charsets: Mapping[str, Charset] = Field(
        default_factory=dict,
        description="Charset of an agency's CSV files, by the agency's id; UTF-8 where none is given",
    )
