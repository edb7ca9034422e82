"""Loads the master key."""

from pathlib import Path
from typing import Final, Protocol

from pydantic import SecretStr

from gateway.ground.sealing import MasterKeyError, Sealer, decode_master_key, load_master_key

_MIN_DIFFERENT: Final = 12
"""The fewest different bytes among 32 random ones, but for one key in more than 10²⁵; invented keys have fewer."""


class MasterKeySettings(Protocol):
    """The settings of the master key."""

    @property
    def master_key(self) -> SecretStr | None:
        """The key, 32 bytes in base64url."""

    @property
    def master_key_file(self) -> Path | None:
        """The file in which a key is created and stored when none is given; None where one must be given."""


def open_sealer(settings: MasterKeySettings) -> Sealer:
    """Open the sealer under the master key: the given one, or in demo mode one that is created once and stored."""
    if settings.master_key is not None:
        key = decode_master_key(settings.master_key.get_secret_value())
        if len(set(key)) < _MIN_DIFFERENT:
            raise MasterKeyError(
                "GERBANG_MASTER_KEY is not random: generate 32 random bytes, and encode them in base64url."
            )
        return Sealer(key)
    if settings.master_key_file is not None:
        return Sealer(load_master_key(settings.master_key_file))
    raise MasterKeyError("GERBANG_MASTER_KEY is missing: give 32 bytes in base64url, kept outside the database.")
