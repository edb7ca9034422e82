"""Settings of the civil registry's service."""

from pydantic import Field, IPvAnyAddress, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of dukcapil; it has no offices. The cooperation agreement (PKS) contains all four values."""

    unit: str = Field(description="Name of our access unit, a part of the address", pattern=r"^[A-Za-z0-9_-]{1,60}$")
    user_id: str = Field(description="User that the registry created for the gateway", min_length=1)
    password: SecretStr = Field(description="Password of that user")
    ip_user: IPvAnyAddress = Field(description="Our IP address as registered with the user")
