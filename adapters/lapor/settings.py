"""Settings of LAPOR."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of lapor; it has no offices."""

    token: SecretStr = Field(description="Token of our partnership; LAPOR also signs its call-backs with it")
