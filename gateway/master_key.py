"""Where the master key comes from."""

from gateway.sealing import MasterKeyError, Sealer, decode_master_key, kept_master_key
from gateway.settings import Mode, Settings

_LEAST_DIFFERENT = 12
"""Of 32 random bytes at least so many differ, but for one key in more than 10²⁵; keys that people make up do not."""


def open_sealer(settings: Settings) -> Sealer:
    """The sealer under the master key: given, or in demo mode made once and kept in the gateway's home."""
    if settings.master_key is not None:
        key = decode_master_key(settings.master_key.get_secret_value())
        if len(set(key)) < _LEAST_DIFFERENT:
            raise MasterKeyError("GERBANG_MASTER_KEY is not random: make one, and do not type it.")
        return Sealer(key)
    if settings.mode is Mode.DEMO:
        return Sealer(kept_master_key(settings.home / "master.key"))
    raise MasterKeyError("GERBANG_MASTER_KEY is missing: give 32 bytes in base64url, kept outside the database.")
