"""How an adapter's functions reach their system: what an office's settings say, and what each call is handed.

Type variables: S the office's settings, U the upstream it is handed. The generic classes have no slots: a frozen
dataclass with slots cannot be made as `Http[…](…)`.
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
    """Settings of one office; derive from `HttpOfficeSettings` or `FileOfficeSettings`, and describe every field."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AskedOfficeSettings(OfficeSettings):
    """An office that is asked over a connection, and what its agency has granted us there."""

    per_minute: int | None = Field(
        default=None, ge=1, description="Calls a minute that this office grants, where it differs from the adapter's"
    )
    per_day: int | None = Field(
        default=None, ge=1, description="Calls a day that this office grants, where it differs from the adapter's"
    )


class HttpOfficeSettings(AskedOfficeSettings):
    """An office reached over HTTP. Nothing but this origin is ever contacted on its behalf."""

    base_url: HttpUrl = Field(description="Address of the office's interface; the only origin that is contacted")
    ca: FilePath | None = Field(
        default=None,
        description="Certificates (PEM) by which the office is known over https; those of the machine when left out",
    )


class SftpServer(AskedOfficeSettings):
    """A server on which an office's folders lie, reached by SFTP. No other is ever contacted on its behalf."""

    host: str = Field(description="Name or address of the server", min_length=1)
    port: int = Field(default=22, gt=0, le=65_535, description="Port of the server")
    host_keys: tuple[str, ...] = Field(
        description="Public keys of the server, each as `ssh-ed25519 AAAA…`; one with none of them is not spoken to",
        min_length=1,
    )
    username: str = Field(description="The gateway's account on the server", min_length=1)
    password: SecretStr | None = Field(default=None, description="Password of that account, where it has one")
    private_key: SecretStr | None = Field(
        default=None, description="Private key of that account in OpenSSH's form, in place of a password"
    )

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        if (self.password is None) == (self.private_key is None):
            raise ValueError("give a password or a private key, and not both")
        return self


class FileOfficeSettings(OfficeSettings):
    """An office that drops files into a folder, of this machine or of a server.

    `archive`, `quarantine` and `outbox` are on the same file system as `folder`, and relative to it if not absolute.
    """

    folder: Path = Field(description="The folder into which the agency drops its files")
    sftp: SftpServer | None = Field(
        default=None, description="The server on which the folders lie; this machine when left out"
    )
    archive: Path | None = Field(
        default=None,
        description="Where complete files are moved when they are picked up; when left out, they stay where they are",
    )
    quarantine: Path | None = Field(
        default=None, description="Where a version of a file is moved that is not as agreed; needs an archive"
    )
    outbox: Path | None = Field(default=None, description="The folder into which files for the agency are put")

    @model_validator(mode="after")
    def _can_fall_back(self) -> Self:
        if self.quarantine is not None and self.archive is None:
            raise ValueError("a quarantine needs an archive, in which the version before is found")
        return self


def _names_a_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.path.strip("/")) and parts.port != 0 and not parts.query
    except ValueError:
        return False


class SqlOfficeSettings(AskedOfficeSettings):
    """An office whose database is read. No other database is ever contacted on its behalf."""

    url: SecretStr = Field(
        description="The database: mariadb://user:password@host/name, postgresql://user:password@host/name, or "
        "sqlite:///path"
    )
    ca: Path | None = Field(
        default=None, description="Certificates by which the server is known; those of the machine when left out"
    )
    plaintext: bool = Field(
        default=False, description="Whether a server on another machine may be spoken to without TLS"
    )

    @field_validator("url")
    @classmethod
    def _is_a_database(cls, url: SecretStr) -> SecretStr:
        kind, separator, rest = url.get_secret_value().partition("://")
        if separator and kind == "sqlite" and rest.startswith("/") and rest.strip("/"):
            return url
        if not separator or kind not in {"mariadb", "postgresql"} or not _names_a_database(url.get_secret_value()):
            raise ValueError("give mariadb://…, postgresql://… or sqlite:///path")
        return url


S = TypeVar("S", bound=OfficeSettings)
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Subject:
    """The resident a question is about: only the identifiers that the adapter's `needs` name. Never shown by repr."""

    nik: str | None = field(default=None, repr=False)
    kk: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Call(Generic[S, U]):
    """All that an adapter's function gets: this office's settings, the way to it, and whom the question is about.

    `now` is the gateway's clock, aware and in the city's zone: adapters never read a clock of their own.
    """

    settings: S
    up: U = field(repr=False)
    now: datetime
    office: str | None = None
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """What a login gave us, added to each request until the session ends. Secret."""

    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Session(Generic[S]):
    """How a system that wants a login is logged in to. The gateway keeps one session per office and shares it.

    `login` gets a call without a session; it raises `CredentialsRefusedError` when the system says no.
    `expired` recognises an answer that means "log in first". A safe request is then sent once more after one login.
    """

    login: Callable[[Call[S, HttpUpstream]], Awaitable[SessionKeys]]
    expired: Callable[[HttpAnswer], bool]


@dataclass(frozen=True)
class Transport(Generic[S, U]):
    """How a row reaches its system, and how large one answer may be. Use one of those below."""

    max_bytes: int = 4_000_000


@dataclass(frozen=True)
class Http(Transport[S, HttpUpstream]):
    """HTTP, with a session where the system wants one."""

    session: Session[S] | None = None


@dataclass(frozen=True)
class Files(Transport[S, FileUpstream]):
    """Files in a folder; `patterns` are the shell-style names that are looked at, others are left alone.

    `writes` are the names that files for the office may bear.
    """

    patterns: tuple[str, ...] = ("*",)
    writes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Soap(Transport[S, SoapUpstream]):
    """SOAP 1.1 over HTTP.

    `charset`: what the system really writes, where that is not what it says; else a byte order mark, the header, or
    the XML declaration decides. `max_elements`: how many elements one answer may have.
    """

    charset: str | None = None
    max_elements: int = 50_000


@dataclass(frozen=True)
class Sql(Transport[S, SqlUpstream]):
    """A database. `max_cell` bounds one value, in bytes; `writes` are the only statements that may change anything."""

    max_cell: int = 1_000_000
    writes: frozenset[str] = frozenset()
