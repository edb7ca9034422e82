"""Where the master key comes from."""

from gateway.sealing import MasterKeyError, Sealer, decode_master_key, kept_master_key
from gateway.settings import Mode, Settings


def open_sealer(settings: Settings) -> Sealer:
    """The sealer under the master key: given, or in demo mode made once and kept in the gateway's home."""
    if settings.master_key is not None:
        return Sealer(decode_master_key(settings.master_key.get_secret_value()))
    if settings.mode is Mode.DEMO:
        return Sealer(kept_master_key(settings.home / "master.key"))
    raise MasterKeyError("GERBANG_MASTER_KEY is missing: give 32 bytes in base64url, kept outside the database.")
