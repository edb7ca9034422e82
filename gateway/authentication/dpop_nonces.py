"""Nonces for DPoP proofs (RFC 9449, sections 8 and 9): they show that a proof was not made ahead of time.

Nothing is stored. A nonce is the sealed number of the minute in which it was issued, so every process accepts the
nonces of all processes.
"""

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer, UnsealError

_USE = "dpop-nonce"
_STEP_SECONDS = 60
_STEPS = 5


class DpopNonces:
    """Issues and accepts nonces, where proofs need them (`required`)."""

    def __init__(self, sealer: Sealer, clock: Clock, *, required: bool) -> None:
        self._sealer = sealer
        self._clock = clock
        self.required = required

    def headers(self) -> dict[str, str]:
        """Return the response header with the nonce for the next proof; empty if nonces are not required."""
        return {"DPoP-Nonce": self._sealer.token(_USE, str(self._step()).encode())} if self.required else {}

    def accept(self, nonce: object) -> bool:
        """Whether a proof with this nonce is accepted: if nonces are required, one issued in the last five minutes."""
        if not self.required:
            return True
        if not isinstance(nonce, str):
            return False
        try:
            step = int(self._sealer.open_token(_USE, nonce))
        except UnsealError:
            return False
        return 0 <= self._step() - step <= _STEPS

    def _step(self) -> int:
        return int(self._clock().timestamp()) // _STEP_SECONDS
