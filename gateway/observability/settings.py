"""Settings of the logs."""

import logging
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class LogLevel(StrEnum):
    """The least level of the lines that are written. Errors and warnings are always written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"

    @property
    def number(self) -> int:
        """The level in `logging`."""
        return logging.getLevelNamesMapping()[self.name]


class LogSettings(BaseModel):
    """Which lines are written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: LogLevel = Field(
        default=LogLevel.INFO,
        description="Least level of the lines: `debug` (with a line for each request to a system), `info` or `warning`",
    )
    requests: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of the requests with a line, from 0 to 1; those answered with 500 or more always have one",
    )
