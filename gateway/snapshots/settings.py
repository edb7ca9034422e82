"""Settings of the feeds that renew copies."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Pause = Annotated[timedelta, Field(ge=timedelta(seconds=0.1))]


class FeedSettings(BaseModel):
    """How often copies are renewed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: dict[str, Pause] = Field(
        default={},
        description="How often a system's feeds are fetched, by its id; else twice while a copy counts as fresh",
    )
