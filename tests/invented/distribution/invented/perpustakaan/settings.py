"""Settings of the library system."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of the library system, which has no offices."""

    api_key: SecretStr = Field(description="Key that the library issued for the gateway")
