"""The path parameter `client_id`."""

from typing import Annotated

from fastapi import Path

ClientId = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9._-]+$")]
"""Ids that no client can have are refused before the database is queried: some databases reject certain characters."""
