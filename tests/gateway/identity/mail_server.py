"""A mail server on loopback (RFC 5321, 3207, 4954): TLS from the start or by STARTTLS, one account, and a memory.

Its own, and not aiosmtpd: that has had no release since May 2024.
"""

import base64
import contextlib
import ssl
from dataclasses import dataclass, field

from conformance.loopback import LoopbackServer

ACCOUNT = ("gerbang", "kata-sandi-surel")


@dataclass
class MailServer:
    """`tls` is what it speaks TLS with, None for a server without; `at_once`: TLS comes before the first word.

    `said` is what it was told, each with whether that was under TLS; `taken` are the messages.
    """

    tls: ssl.SSLContext | None = None
    at_once: bool = False
    account: tuple = ACCOUNT
    said: list = field(default_factory=list)
    taken: list = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def running(self):
        """Its port, while it runs."""
        context = self.tls if self.at_once else None
        async with LoopbackServer(self._talk, tls=context) as server:
            yield server.port

    @property
    def in_clear(self):
        """What was told before TLS."""
        return [line for line, secret in self.said if not secret]

    async def _talk(self, reader, writer):
        writer.write(b"220 mail.example ready\r\n")
        while line := (await reader.readline()).decode("latin-1").rstrip("\r\n"):
            secret = writer.get_extra_info("ssl_object") is not None
            self.said.append((line, secret))
            word = line.partition(" ")[0].upper()
            for answer in self._answers(word, line, secret):
                writer.write(f"{answer}\r\n".encode())
            if word == "STARTTLS" and self.tls:
                await writer.start_tls(self.tls)
            elif word == "DATA":
                text = await reader.readuntil(b"\r\n.\r\n")
                self.taken.append(text.decode())
                writer.write(b"250 taken\r\n")
            elif word == "QUIT":
                return

    def _answers(self, word, line, secret):
        if word == "EHLO":
            offered = "AUTH PLAIN" if secret or self.tls is None else "STARTTLS"
            return ["250-mail.example", f"250-{offered}", "250 8BITMIME"]
        if word == "AUTH":
            _, *given = base64.b64decode(line.split()[-1]).decode().split("\0")
            return ["235 welcome" if tuple(given) == self.account else "535 who are you?"]
        known = {"STARTTLS": "220 go on", "DATA": "354 go on", "QUIT": "221 bye"}
        plain = dict.fromkeys(("MAIL", "RCPT", "RSET"), "250 ok")
        return [{**known, **plain}.get(word, "502 what?")]
