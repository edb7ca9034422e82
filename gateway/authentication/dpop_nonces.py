"""Nonces for proofs of possession (RFC 9449, sections 8 and 9): they show that a proof was not made ahead of time.

Nothing is kept: a nonce is the sealed number of the minute in which it was given, so every process knows those of all.
"""

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer, UnsealError

_USE = "dpop-nonce"
_STEP_SECONDS = 60
_STEPS = 5


class DpopNonces:
    """Gives nonces and knows them again, where proofs need them (`wanted`)."""

    def __init__(self, sealer: Sealer, clock: Clock, *, wanted: bool) -> None:
        self._sealer = sealer
        self._clock = clock
        self.wanted = wanted

    def headers(self) -> dict[str, str]:
        """The header by which an answer gives the nonce for the next proof; empty where none is wanted."""
        return {"DPoP-Nonce": self._sealer.token(_USE, str(self._step()).encode())} if self.wanted else {}

    def accept(self, nonce: object) -> bool:
        """Whether a proof with this nonce may go on: where nonces are wanted, one given in the last five minutes."""
        if not self.wanted:
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
