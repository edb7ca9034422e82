"""Settings of accounts, and of the messages to people: e-mail through SMTP, text messages through a webhook."""

from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

MESSAGES_FILE: Final = "messages.jsonl"
"""The file in the gateway's home to which demo mode writes messages."""


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MessageSettings(BaseModel):
    """How messages are sent. Without a mail server and an SMS webhook, people cannot register or recover alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    sender: str | None = Field(default=None, description="Address that e-mail comes from")
    smtp_host: str | None = Field(default=None, description="Mail server; without it no e-mail is sent")
    smtp_port: int = Field(default=587, gt=0, le=65535, description="Port of the mail server")
    smtp_security: SmtpSecurity = Field(
        default=SmtpSecurity.STARTTLS, description="`starttls`, `tls`, or `none` for a server on loopback"
    )
    smtp_username: str | None = Field(default=None, description="Account at the mail server")
    smtp_password: SecretStr | None = Field(default=None, description="Password at the mail server")
    sms_url: str | None = Field(
        default=None, description="Webhook for text messages, which are posted as JSON; without it none is sent"
    )
    sms_token: SecretStr | None = Field(default=None, description="Bearer token for `sms_url`")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.smtp_host and not self.sender:
            raise ValueError("messages.sender is needed with messages.smtp_host")
        if self.smtp_host and self.smtp_security is SmtpSecurity.NONE and self.smtp_host not in _LOOPBACK:
            raise ValueError("messages.smtp_security may be none on loopback only")
        address = urlsplit(self.sms_url or "")
        if self.sms_url and address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise ValueError("messages.sms_url must be https, or http on loopback")
        return self


class AccountSettings(Protocol):
    """Settings that the identity room needs."""

    @property
    def issuer_url(self) -> str:
        """Our issuer; passkeys are bound to its address."""

    @property
    def messages(self) -> MessageSettings:
        """Settings of the senders."""

    @property
    def messages_file(self) -> Path | None:
        """The file for messages in demo mode, where they are written instead of sent."""
