"""Settings of an office, the transports by which it is reached, and the `Call` that each adapter function receives.

Type variables: S the settings of an office, U the upstream interface. The generic dataclasses have no slots:
`Http[...](...)` fails on a frozen one with slots.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Generic, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, FilePath, HttpUrl, SecretStr, field_validator, model_validator

from adapters.upstream import FileUpstream, HttpAnswer, HttpUpstream, SoapUpstream, SqlUpstream


class OfficeSettings(BaseModel):
    """Settings of one office. Derive from a subclass below for the transport in use, and describe every field."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RateLimitedOfficeSettings(OfficeSettings):
    """Settings of an office that is reached over a connection, with the request rates that its agency grants us."""

    per_minute: int | None = Field(
        default=None, ge=1, description="Calls a minute granted by this office, if not as the adapter declares"
    )
    per_day: int | None = Field(
        default=None, ge=1, description="Calls a day granted by this office, if not as the adapter declares"
    )


class HttpOfficeSettings(RateLimitedOfficeSettings):
    """Settings of an office reached over HTTP. The gateway contacts only this origin for it."""

    base_url: HttpUrl = Field(description="Address of the office's interface; the only origin that is contacted")
    ca: FilePath | None = Field(
        default=None,
        description="CA certificates (PEM) that verify the office over https; by default those of this machine",
    )


class SftpServer(RateLimitedOfficeSettings):
    """Settings of the SFTP server that holds an office's folders. The gateway contacts only this server for it."""

    host: str = Field(description="Name or address of the server", min_length=1)
    port: int = Field(default=22, gt=0, le=65_535, description="Port of the server")
    host_keys: tuple[str, ...] = Field(
        description="Accepted public keys of the server, each as `ssh-ed25519 AAAA…`; any other key is refused",
        min_length=1,
    )
    username: str = Field(description="The gateway's account on the server", min_length=1)
    password: SecretStr | None = Field(default=None, description="Password of that account, if it has one")
    private_key: SecretStr | None = Field(
        default=None, description="Private key of that account in OpenSSH format, instead of a password"
    )

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        if (self.password is None) == (self.private_key is None):
            raise ValueError("set a password or a private key, and not both")
        return self


class FileOfficeSettings(OfficeSettings):
    """Settings of an office that drops files into a folder, on this machine or on a server.

    `archive`, `quarantine` and `outbox` are on the same file system as `folder`, and relative to it unless absolute.
    """

    folder: Path = Field(description="The folder into which the agency drops its files")
    sftp: SftpServer | None = Field(
        default=None, description="The server that holds the folders; by default this machine"
    )
    archive: Path | None = Field(
        default=None,
        description="Folder to which complete files are moved when they are picked up; by default they are not moved",
    )
    quarantine: Path | None = Field(
        default=None, description="Folder for versions of a file that violate the agreed format; needs an archive"
    )
    outbox: Path | None = Field(default=None, description="The folder into which the gateway puts files for the agency")

    @model_validator(mode="after")
    def _can_fall_back(self) -> Self:
        if self.quarantine is not None and self.archive is None:
            raise ValueError("a quarantine needs an archive, which holds the version before")
        return self


def _names_a_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.path.strip("/")) and parts.port != 0 and not parts.query
    except ValueError:
        return False


class SqlOfficeSettings(RateLimitedOfficeSettings):
    """Settings of an office reached by its database. The gateway contacts only this database for it."""

    url: SecretStr = Field(
        description="Database URL: mariadb://user:password@host/name, postgresql://user:password@host/name, or "
        "sqlite:///path"
    )
    ca: Path | None = Field(
        default=None, description="CA certificates that verify the server; by default those of this machine"
    )
    plaintext: bool = Field(default=False, description="Whether connections without TLS to another machine are allowed")

    @field_validator("url")
    @classmethod
    def _is_a_database(cls, url: SecretStr) -> SecretStr:
        kind, separator, rest = url.get_secret_value().partition("://")
        if separator and kind == "sqlite" and rest.startswith("/") and rest.strip("/"):
            return url
        if not separator or kind not in {"mariadb", "postgresql"} or not _names_a_database(url.get_secret_value()):
            raise ValueError("must be mariadb://…, postgresql://… or sqlite:///path")
        return url


S = TypeVar("S", bound=OfficeSettings)
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Subject:
    """The resident whom a call concerns: only the identifiers named in the adapter's `needs`. `repr` shows none."""

    nik: str | None = field(default=None, repr=False)
    kk: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Call(Generic[S, U]):
    """The argument of every adapter function: the office's settings, the interface to reach it, and the subject.

    `now` is the gateway's clock, timezone-aware, in the city's zone. Adapters never read another clock. `subject` is
    None for a call that concerns no resident.
    """

    settings: S
    up: U = field(repr=False)
    now: datetime
    office: str | None = None
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Cookies and headers that a login returned, added to each request until the session ends. Secret."""

    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Session(Generic[S]):
    """How the gateway logs in to a system with sessions. It keeps one session per office and shares it among calls.

    `login` receives a call without a session, and raises `CredentialsRefusedError` when the system refuses. `expired`
    returns whether an answer means that the session has ended; a safe request is then repeated once after a new login.
    """

    login: Callable[[Call[S, HttpUpstream]], Awaitable[SessionKeys]]
    expired: Callable[[HttpAnswer], bool]


@dataclass(frozen=True)
class Transport(Generic[S, U]):
    """How a row reaches its system, and the largest answer in bytes. Use one of the subclasses below."""

    max_bytes: int = 4_000_000


@dataclass(frozen=True)
class Http(Transport[S, HttpUpstream]):
    """HTTP, with a session where the system requires a login."""

    session: Session[S] | None = None


@dataclass(frozen=True)
class Files(Transport[S, FileUpstream]):
    """Files in a folder. `patterns` are the shell-style names of the files to read; other files are ignored.

    `writes` are the patterns of the names that files for the office may have.
    """

    patterns: tuple[str, ...] = ("*",)
    writes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Soap(Transport[S, SoapUpstream]):
    """SOAP 1.1 over HTTP.

    `charset`: the real charset of the answers where they declare a wrong one; by default the byte order mark, the
    header, or the XML declaration decides. `max_elements`: most elements of one answer.
    """

    charset: str | None = None
    max_elements: int = 50_000


@dataclass(frozen=True)
class Sql(Transport[S, SqlUpstream]):
    """A database. `max_cell` limits one value, in bytes; `writes` are the only statements that may change data."""

    max_cell: int = 1_000_000
    writes: frozenset[str] = frozenset()
