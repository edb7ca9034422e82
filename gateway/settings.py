"""Settings of the gateway: read once, from `config/gateway.toml` and `GERBANG_…` variables, and then injected.

Variables override the file. Secrets come from variables or files outside `config/`, never from `config/` itself, and
none has a default outside demo mode.
"""

import os
import re
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as SourceError

from gateway.authentication.settings import LOOPBACK, IssuerName, LoginIssuer, TokenIssuer
from gateway.ground.connection_limits import ConnectionSettings
from gateway.ground.errors import GerbangError
from gateway.identity.messages.settings import MESSAGES_FILE, MessageSettings
from gateway.observability.settings import LogSettings
from gateway.shared.settings import CallerLimitSettings
from gateway.snapshots.settings import FeedSettings
from gateway.storage.limits import DatabaseLimits
from gateway.upstream.settings import UpstreamSettings

_USUAL_FILE: Final = "config/gateway.toml"
_ISSUER: Final = re.compile(r"https?://(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?(/[A-Za-z0-9._~-]+)*", re.ASCII)

_HOST_PORT: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>\d{1,5})", re.ASCII)


class SettingsError(GerbangError):
    """A setting is missing, unreadable or contradicts another."""


class Mode(StrEnum):
    """The mode of operation."""

    DEMO = "demo"
    PRODUCTION = "production"


class Unproven(StrEnum):
    """The treatment of rows whose adapter has not proven the required level. In demo mode they are served."""

    WITHHOLD = "withhold"
    SERVE = "serve"


class Deadlines(BaseModel):
    """Time limits of questions, in seconds; a caller changes theirs within the bounds by `Prefer: wait=N`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: float = Field(default=4.0, gt=0, description="Seconds for a question without `Prefer: wait`")
    shortest: float = Field(default=1.0, gt=0, description="The shortest wait that a caller may request, in seconds")
    longest: float = Field(
        default=15.0, gt=0, le=300, description="The longest wait that a caller may request, in seconds"
    )
    access_log: float = Field(
        default=2.5, gt=0, description="Seconds that an answer waits for its access log entry before it becomes 503"
    )

    @model_validator(mode="after")
    def _are_in_order(self) -> Self:
        if not self.shortest <= self.default <= self.longest:
            raise ValueError("the deadlines must be in order: shortest, default, longest")
        return self


class Settings(BaseSettings):
    """All settings that an operator can change."""

    model_config = SettingsConfigDict(
        env_prefix="GERBANG_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    mode: Mode = Field(default=Mode.PRODUCTION, description="`demo` for the simulated city, else `production`")
    home: Path = Field(default=Path(".gerbang"), description="Folder of the gateway's own files")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on")
    metrics_address: str | None = Field(
        default=None,
        description="Address `host:port` for operators, which serves `/metrics`; without it, metrics are not served",
    )
    issuer: str | None = Field(
        default=None,
        description="Our OpenID issuer, the public address: https, or http on loopback; required in production",
    )
    database_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL: sqlite:///… or postgresql://…; by default a file in `home`"
    )
    allow_shared_database: bool = Field(
        default=False,
        description="Whether several processes may serve with one database; unsupported: doubles feeds and quotas",
    )
    database_limits: DatabaseLimits = Field(
        default=DatabaseLimits(), description="How long the gateway waits for its own database"
    )
    master_key: SecretStr | None = Field(
        default=None, description="Master key, 32 bytes in base64url; demo mode creates and stores one in `home`"
    )
    allow_embedded_op: bool = Field(
        default=False, description="Whether people may sign in at the gateway itself in production"
    )
    systems: tuple[Path, ...] = Field(
        default=(Path("config/systems"),), description="Folders of systems/*.toml; a later one overrides an earlier"
    )
    agencies: Path = Field(default=Path("config/agencies.toml"), description="The file of the agencies")
    secrets_outside_vault: tuple[str, ...] = Field(
        default=(),
        description="Systems, or `system/office`, whose secrets may be in variables and files; `*` for all",
    )
    unproven: Unproven = Field(
        default=Unproven.WITHHOLD,
        description="Treatment of rows whose adapter's level is too low: `withhold` or `serve`",
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="Networks of the proxies in front of us, whose X-Forwarded-For is trusted"
    )
    proof_nonces: bool = Field(
        default=False,
        description="Whether proofs of possession (DPoP) must contain our nonce, at the price of a round trip",
    )
    token_hold: timedelta = Field(
        default=timedelta(seconds=1),
        ge=timedelta(0),
        le=timedelta(minutes=1),
        description="How long this process may still accept a token that another process of the database has revoked",
    )
    login_issuers: dict[IssuerName, LoginIssuer] = Field(
        default={}, description="External OpenID providers where people sign in, in place of our own pages"
    )
    token_issuers: dict[IssuerName, TokenIssuer] = Field(
        default={}, description="Other issuers whose access tokens the API accepts"
    )
    connections: ConnectionSettings = Field(default=ConnectionSettings(), description="Limits on client connections")
    limits: CallerLimitSettings = Field(default=CallerLimitSettings(), description="Limits on the requests of callers")
    upstream: UpstreamSettings = Field(default=UpstreamSettings(), description="Settings of calls to systems")
    log: LogSettings = Field(default=LogSettings(), description="Lines of the log")
    feeds: FeedSettings = Field(default=FeedSettings(), description="Intervals at which snapshots are renewed")
    messages: MessageSettings = Field(default=MessageSettings(), description="Delivery of messages to people")
    deadlines: Deadlines = Field(default=Deadlines(), description="Time limits of questions")
    result_hold: timedelta = Field(
        default=timedelta(minutes=15),
        gt=timedelta(0),
        description="How long a caller's own result is held sealed for paging",
    )
    max_records: int = Field(default=1000, gt=0, description="Most records of one office in one answer")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_file())

    @model_validator(mode="after")
    def _metrics_address_is_complete(self) -> Self:
        if self.metrics_address is not None and self.metrics_host_port is None:
            raise ValueError("metrics_address must be a host and a port, such as 127.0.0.1:9464")
        if self.metrics_host_port == (self.host, self.port):
            raise ValueError("metrics_address must differ from the public address")
        return self

    @model_validator(mode="after")
    def _issuer_is_safe(self) -> Self:
        if not _ISSUER.fullmatch(self.issuer_url):
            raise ValueError("issuer must be a URL without user name, query, fragment or slash at its end")
        parts = urlsplit(self.issuer_url)
        loopback = parts.hostname in LOOPBACK
        if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            raise ValueError("issuer must be https, or http on loopback")
        if self.mode is Mode.DEMO and not loopback:
            raise ValueError("demo mode serves loopback only: the issuer must be on localhost")
        return self

    @model_validator(mode="after")
    def _issuers_differ(self) -> Self:
        for named in (self.login_issuers, self.token_issuers):
            issuers = [one.issuer for one in named.values()]
            if len(set(issuers)) < len(issuers) or self.issuer_url in issuers:
                raise ValueError("external issuers must differ from each other and from our own")
        return self

    @property
    def metrics_host_port(self) -> tuple[str, int] | None:
        """The host and port of the operator's address; None without one."""
        found = _HOST_PORT.fullmatch(self.metrics_address or "")
        return (found["host"].strip("[]"), int(found["port"])) if found and int(found["port"]) <= 65535 else None

    @property
    def issuer_url(self) -> str:
        """The issuer, exactly as in tokens."""
        return self.issuer or f"http://localhost:{self.port}"

    @property
    def audience(self) -> str:
        """The `aud` of access tokens for the unified API."""
        return f"{self.issuer_url}/v1"

    @property
    def machine_audience(self) -> str:
        """The `aud` of access tokens of machine clients: never that of a person's token."""
        return f"{self.issuer_url}/machines"

    @property
    def secrets_elsewhere(self) -> tuple[str, ...] | None:
        """Systems whose secrets may be outside the vault; None in demo mode, which allows it for all."""
        return None if self.mode is Mode.DEMO else self.secrets_outside_vault

    @property
    def master_key_file(self) -> Path | None:
        """Where demo mode creates and stores a master key; None in production, where one must be given."""
        return self.home / "master.key" if self.mode is Mode.DEMO else None

    @property
    def messages_file(self) -> Path | None:
        """Where demo mode writes messages to people instead of sending them; None in production."""
        return self.home / MESSAGES_FILE if self.mode is Mode.DEMO else None

    @property
    def bound_tokens_only(self) -> bool:
        """Whether public clients get only tokens that are bound to a key of their device."""
        return self.mode is Mode.PRODUCTION

    @property
    def database_file(self) -> Path | None:
        """The SQLite file that is used when no database is named; None when one is named."""
        return None if self.database_url else self.home / "gerbang.db"

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url.get_secret_value() if self.database_url else f"sqlite:///{self.database_file}"


def _file() -> Path:
    return Path(os.environ.get("GERBANG_CONFIG") or _USUAL_FILE)


def load_settings(**overrides: object) -> Settings:
    """Read the settings. Raises `SettingsError` with one sentence that names the setting or the file."""
    if os.environ.get("GERBANG_CONFIG") and not _file().is_file():
        raise SettingsError(f"The settings file {_file()} does not exist, or is no file.")
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic validates what the command line gives
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"Setting {name}: {what}." if name else f"The settings do not fit: {what}.") from None
    except SourceError as error:
        raise SettingsError(f"The settings cannot be read: {error}.") from None
    except OSError as error:
        raise SettingsError(f"The settings file {_file()} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise SettingsError(f"The settings file {_file()} is not TOML: {error}.") from None
