"""The id of a client in an address."""

from typing import Annotated

from fastapi import Path

ClientId = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9._-]+$")]
"""What no client can be named is refused before a database is asked: some databases cannot look up every character."""
