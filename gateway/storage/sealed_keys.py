"""Sealing of the private half of a signing key in its row."""

from typing import Final

from gateway.ground.sealing import Sealer, UnsealError
from gateway.storage.tables.signing_keys import SigningKeyRow

SIGNING_KEY_SEAL: Final = "signing-key"
"""The label under which keys are sealed. It is part of every sealed key and must not change."""


def opens_signing_key(sealer: Sealer, row: SigningKeyRow) -> bool:
    """Whether this key was sealed under the given master key."""
    try:
        sealer.unseal(SIGNING_KEY_SEAL, row.private_sealed)
    except UnsealError:
        return False
    return True
