"""Timeouts, bounds and retry settings of the upstream stack. An adapter's `Limits` add the limits of its system."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class UpstreamSettings(BaseModel):
    """Settings of the upstream stack, the same for every office."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["lean", "aiohttp"] = Field(
        default="lean",
        description="HTTP client: Gerbang's own, or `aiohttp`, to compare when an answer of a system is refused",
    )
    connect_within: timedelta = Field(
        default=timedelta(seconds=3), gt=timedelta(0), description="Longest time to make a connection"
    )
    kept_connection: timedelta = Field(
        default=timedelta(seconds=4),
        ge=timedelta(0),
        description="How long an idle connection stays open; less than most servers' 5 s",
    )
    max_depth: int = Field(default=64, gt=0, description="Deepest nesting of an answer in JSON or XML")
    most_waiting: int = Field(
        default=1000, gt=0, description="Most requests that may wait for a concurrency slot of one office"
    )
    processes: int = Field(
        default=1, gt=0, description="Gateway processes that share the concurrency slots of every office"
    )
    circuit_cool: timedelta = Field(
        default=timedelta(seconds=2),
        gt=timedelta(0),
        description="Interval between probe requests while a circuit is open",
    )
    circuit_failures: int = Field(default=5, gt=0, le=20, description="Failures in a row that open a circuit")
    quota_retry: timedelta = Field(
        default=timedelta(seconds=5),
        gt=timedelta(0),
        description="Interval between probe requests after a system reported a spent quota",
    )
    longest_hold: timedelta = Field(
        default=timedelta(minutes=15),
        gt=timedelta(0),
        description="Longest Retry-After of a system that is applied in full",
    )
    login_within: timedelta = Field(
        default=timedelta(seconds=6), gt=timedelta(0), description="Longest time for a complete login"
    )
    login_again: timedelta = Field(
        default=timedelta(seconds=30),
        gt=timedelta(0),
        description="Pause between logins after a system refused one",
    )
    session_kept: timedelta = Field(
        default=timedelta(hours=12), gt=timedelta(0), description="Longest time that a session is kept"
    )
    file_settle: timedelta = Field(
        default=timedelta(seconds=1),
        ge=timedelta(0),
        description="How long a file must stay unchanged to count as complete; on a server by SFTP a second longer",
    )
