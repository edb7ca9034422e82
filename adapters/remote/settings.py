"""Settings of one office of a remote adapter."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of one office; they are the same for all remote adapters."""

    keyid: str = Field(
        description="Name of the shared secret in the remote adapter",
        # The length is not part of the pattern: `\w{1,64}` compiles to 5 MB, since `\w` is all of Unicode.
        pattern=r"^[\w.-]+$",
        max_length=64,
    )
    secret: SecretStr = Field(
        description="Secret shared with the remote adapter, at least 32 characters; signs requests and answers",
        min_length=32,
    )
