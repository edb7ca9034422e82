"""Settings of SIPD."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of sipd-rkpd; it has no offices."""

    token: SecretStr = Field(description="Token that the planning agency issued for the region")
    region: str = Field(default="6371", description="The region's code (kodepemda)", pattern=r"^[0-9]{4}$")
