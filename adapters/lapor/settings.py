"""What the gateway needs to know of LAPOR."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of lapor; it has no offices."""

    token: SecretStr = Field(description="Token of our partnership; LAPOR signs its call-backs with it too")
