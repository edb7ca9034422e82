"""Settings of the system of the water utility."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of the system of the water utility, which has no offices."""

    access_key: SecretStr = Field(description="Key that the water utility issued for the gateway")
