"""Settings of e-kelurahan."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of e-kelurahan; it has no offices."""

    username: str = Field(description="Account that the agency created for the gateway", min_length=1)
    password: SecretStr = Field(description="Password of that account")
