"""Senders of messages: a file in the demonstration, otherwise a mail server and an SMS provider."""

import asyncio
import json
import os
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from anyio import CapacityLimiter, to_thread

from gateway.ground.clock import WITA
from gateway.identity.contacts import ContactKind
from gateway.identity.messages.outbox import Message, MessageNotSentError, Sender
from gateway.identity.messages.settings import MessageSettings, SmtpSecurity

_SECONDS: Final = 20.0


class FileSender:
    """Writes messages to a file that only its owner can read, one JSON object a line. For the demonstration."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, message: Message) -> None:
        """Append the message to the file."""
        line = {
            "at": datetime.now(WITA).isoformat(timespec="seconds"),
            "number": message.number,
            "to": message.to.value,
            "subject": message.subject,
            "text": message.text,
        }
        try:
            await to_thread.run_sync(self._append, json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise MessageNotSentError from error

    def _append(self, line: str) -> None:
        with os.fdopen(
            os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as file:
            file.write(line)


def read_messages(path: Path) -> list[dict[str, str]]:
    """Read the messages of the file, the oldest first."""
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []


class SmtpSender:
    """Sends e-mail through one mail server (RFC 5321), whose certificate is verified; two at a time."""

    def __init__(self, settings: MessageSettings) -> None:
        self._settings = settings
        self._limiter = CapacityLimiter(2)

    async def send(self, message: Message) -> None:
        """Send the message to the mail server."""
        written = EmailMessage()
        written["From"] = self._settings.sender
        written["To"] = message.to.value
        written["Subject"] = message.subject
        written["Date"] = datetime.now(WITA)
        host = (self._settings.sender or "").rpartition("@")[2]
        written["Message-ID"] = f"<{message.number}@{host}>"
        written["Auto-Submitted"] = "auto-generated"
        written.set_content(message.text)
        try:
            # Abandoned on cancel: a server that hangs does not delay closing; only the process end waits for it.
            await to_thread.run_sync(self._send, written, limiter=self._limiter, abandon_on_cancel=True)
        except (OSError, smtplib.SMTPException) as error:
            raise MessageNotSentError from error

    def _send(self, message: EmailMessage) -> None:
        settings, context = self._settings, ssl.create_default_context()
        host, port = settings.smtp_host or "", settings.smtp_port
        if settings.smtp_security is SmtpSecurity.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=_SECONDS)
        with server:
            if settings.smtp_security is SmtpSecurity.STARTTLS:
                server.starttls(context=context)
            if settings.smtp_username and settings.smtp_password:
                server.login(settings.smtp_username, settings.smtp_password.get_secret_value())
            server.send_message(message)


class SmsWebhook:
    """Posts text messages to the city's SMS provider: `{"id", "to", "text"}`; any 2xx status means accepted.

    The response body is not read.
    """

    def __init__(self, settings: MessageSettings) -> None:
        self._url = settings.sms_url or ""
        token = settings.sms_token.get_secret_value() if settings.sms_token else None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def send(self, message: Message) -> None:
        """Post the message."""
        body = {"id": message.number, "to": message.to.value, "text": message.text}
        headers = {**self._headers, "Idempotency-Key": message.number}
        import httpx

        try:
            async with (
                asyncio.timeout(_SECONDS),
                httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as http,
                http.stream("POST", self._url, json=body, headers=headers) as answer,
            ):
                accepted = answer.is_success
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise MessageNotSentError from error
        if not accepted:
            raise MessageNotSentError


def build_senders(settings: MessageSettings, *, file: Path | None) -> dict[ContactKind, Sender]:
    """Build the senders by the settings; a `file` (demonstration) takes every kind without another sender."""
    carriers: dict[ContactKind, Sender] = dict.fromkeys(ContactKind, FileSender(file)) if file else {}
    if settings.smtp_host:
        carriers[ContactKind.EMAIL] = SmtpSender(settings)
    if settings.sms_url:
        carriers[ContactKind.TELEPHONE] = SmsWebhook(settings)
    return carriers
