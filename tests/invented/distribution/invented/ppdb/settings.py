"""Settings of the system of school admission."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of the system of school admission, which has no offices."""

    username: str = Field(description="Account of the gateway", min_length=1)
    password: SecretStr = Field(description="Password of that account")
