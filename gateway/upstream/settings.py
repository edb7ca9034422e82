"""How patient and how suspicious the gateway is with systems. An adapter's `Limits` say the rest."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class UpstreamSettings(BaseModel):
    """Settings of the upstream stack, the same for every office."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect_within: timedelta = Field(
        default=timedelta(seconds=3), gt=timedelta(0), description="How long a connection may take to be made"
    )
    kept_connection: timedelta = Field(
        default=timedelta(seconds=4),
        ge=timedelta(0),
        description="How long an idle connection is kept; less than most servers' 5 s",
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
        description="While a circuit is open, how often one request is let through to try",
    )
    circuit_failures: int = Field(default=5, gt=0, le=20, description="Failures in a row that open a circuit")
    quota_retry: timedelta = Field(
        default=timedelta(seconds=5),
        gt=timedelta(0),
        description="After a system said that its quota is spent, how often one request may try all the same",
    )
    longest_hold: timedelta = Field(
        default=timedelta(minutes=15),
        gt=timedelta(0),
        description="Longest Retry-After of a system that is obeyed to the letter",
    )
    login_within: timedelta = Field(
        default=timedelta(seconds=6), gt=timedelta(0), description="How long a login may take in all"
    )
    login_again: timedelta = Field(
        default=timedelta(seconds=30),
        gt=timedelta(0),
        description="After a system refused our login, how long none is tried",
    )
    session_kept: timedelta = Field(
        default=timedelta(hours=12), gt=timedelta(0), description="Longest that a session is kept"
    )
    file_settle: timedelta = Field(
        default=timedelta(seconds=1),
        ge=timedelta(0),
        description="How long a file must stay unchanged to count as complete; on a server by SFTP a second longer",
    )
