"""Settings of the system of market levies."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of the system of market levies, which has no offices."""

    username: str = Field(description="User that the market office created for the gateway", min_length=1)
    password: SecretStr = Field(description="Password of that user")
