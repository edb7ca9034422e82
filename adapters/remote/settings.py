"""What the gateway needs to know of one office of a remote adapter."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of a remote adapter, the same for all of them."""

    keyid: str = Field(
        description="Name of the shared secret, as the remote adapter knows it", pattern=r"^[\w.-]{1,64}$"
    )
    secret: SecretStr = Field(
        description="Secret shared with the remote adapter, at least 32 characters; signs requests and answers",
        min_length=32,
    )
