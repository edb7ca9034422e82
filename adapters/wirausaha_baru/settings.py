"""Settings of the folder: its path, and the charset of each agency's files."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from adapters.contract import FileOfficeSettings


class Charset(StrEnum):
    """The charset of an agency's CSV files."""

    UTF_8 = "utf-8"
    WINDOWS_1252 = "windows-1252"


class WirausahaSettings(FileOfficeSettings):
    """The folder, and the declared charsets of the agencies' CSV files; none is guessed."""

    charsets: Mapping[str, Charset] = Field(
        default_factory=dict,
        description="Charset of an agency's CSV files, by the agency's id; UTF-8 by default",
    )
