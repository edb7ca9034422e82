"""Settings of the feeds that renew snapshots."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Pause = Annotated[timedelta, Field(ge=timedelta(seconds=0.1))]


class FeedSettings(BaseModel):
    """How often snapshots are renewed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: dict[str, Pause] = Field(
        default={},
        description="How often a system's feeds are fetched, by its id; else twice while a snapshot counts as fresh",
    )
