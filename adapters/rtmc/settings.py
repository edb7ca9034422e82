"""Settings of the traffic management centre's service."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of rtmc; the regional police issue them with the cooperation agreement (PKS)."""

    partner: str = Field(description="Name under which the city is a partner of the centre", min_length=1)
    password: SecretStr = Field(description="Password of the partner; sent in the header of each call")
