"""Tickets: the goal of a sign-in, sealed so that the browser can carry it without reading it.

The goal is the authorization request of a client, or a page of ours.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.ground.clock import WITA, Clock
from gateway.ground.sealing import Sealer, UnsealError

TICKET_LIFE = timedelta(minutes=15)
LEVELS = frozenset({"1", "2", "3"})
"""Supported values of `acr`; others are ignored (OpenID Connect Core, 3.1.2.1)."""

HINTED_ACCOUNT = "hinted_account"
"""Ticket parameter with the account of the client's `id_token_hint`."""

_USE = "authorization-ticket"


class TicketError(Exception):
    """The ticket is not ours or has expired."""


@dataclass(frozen=True, slots=True)
class SignInTicket:
    """A request that was validated at `issued_at`; with a `page`, a page of ours instead of a client's request."""

    parameters: dict[str, str]
    issued_at: datetime
    page: str | None = None

    @property
    def levels(self) -> frozenset[int]:
        """The requested levels (`acr`), any of which is enough; empty if the client requested none."""
        return frozenset(int(value) for value in self.parameters.get("acr_values", "").split() if value in LEVELS)

    @property
    def prompts(self) -> frozenset[str]:
        """The values of `prompt`."""
        return frozenset(self.parameters.get("prompt", "").split())

    def allows_account(self, account_id: str) -> bool:
        """Whether the request may be answered for this account: no other account was hinted."""
        return self.parameters.get(HINTED_ACCOUNT, account_id) == account_id

    @property
    def earliest_sign_in(self) -> datetime | None:
        """Earliest accepted time of the sign-in, by `prompt=login` or `max_age`; None for any time."""
        if self.prompts & {"login", "select_account"}:
            return self.issued_at
        if "max_age" in self.parameters:
            return self.issued_at - timedelta(seconds=int(self.parameters["max_age"]))
        return None


class SignInTickets:
    """Seals and opens tickets."""

    def __init__(self, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock

    def seal(self, parameters: dict[str, str]) -> str:
        """Seal a client's request as URL-safe text."""
        return self._seal(parameters, None)

    def seal_page(self, page: str, *, reauthenticate: bool = False) -> str:
        """Seal a page of ours as the goal; with `reauthenticate` the person must sign in again first."""
        return self._seal({"prompt": "login"} if reauthenticate else {}, page)

    def seal_page_parameters(self, page: str, parameters: dict[str, str]) -> str:
        """Seal a page of ours with its parameters."""
        return self._seal(parameters, page)

    def _seal(self, parameters: dict[str, str], page: str | None) -> str:
        content = {"at": self._clock().timestamp(), "parameters": parameters, "page": page}
        return self._sealer.token(_USE, json.dumps(content).encode())

    def open(self, text: str) -> SignInTicket:
        """Open a ticket, or raise `TicketError`."""
        try:
            content = json.loads(self._sealer.open_token(_USE, text))
        except UnsealError:
            raise TicketError from None
        issued_at = datetime.fromtimestamp(content["at"], WITA)
        if self._clock() - issued_at > TICKET_LIFE:
            raise TicketError
        return SignInTicket(content["parameters"], issued_at, content.get("page"))
