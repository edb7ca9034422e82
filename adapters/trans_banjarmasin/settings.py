"""What the gateway needs to know of the operator's exports."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of trans-banjarmasin; it has no offices."""

    key: SecretStr = Field(
        description="Key that the operator hands out for its exports; vehicles' labels are made with it too",
        min_length=8,
    )
