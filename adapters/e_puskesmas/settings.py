"""Settings of one health centre's service."""

from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of one office of e-puskesmas, from the contract between that health centre and the gateway."""

    cons_id: str = Field(description="Consumer id that the health centre issued to the gateway", min_length=1)
    secret_key: SecretStr = Field(description="Secret of the consumer id; signs requests, decrypts answers")
    username: str = Field(description="User that the health centre created for the gateway", min_length=1)
    password: SecretStr = Field(description="Password of that user")
    user_key: SecretStr = Field(description="Subscription key of the interface")
    application: str = Field(default="095", description="Code of the application, the third part of the credentials")
