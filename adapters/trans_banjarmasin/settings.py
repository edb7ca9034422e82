"""Settings of the operator's exports."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of trans-banjarmasin; it has no offices."""

    key: SecretStr = Field(
        description="Key that the operator issues for its exports; the labels of vehicles are derived with it too",
        min_length=8,
    )
