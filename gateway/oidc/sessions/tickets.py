"""Where somebody is on their way to through sign-in and its steps, sealed so that the browser carries it unread.

It is the authorization request of a client, or a page of ours.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.ground.clock import WITA, Clock
from gateway.ground.sealing import Sealer, UnsealError

TICKET_LIFE = timedelta(minutes=15)
LEVELS = frozenset({"1", "2", "3"})
"""The values of `acr` that mean something here; every other one is passed over (OpenID Connect Core, 3.1.2.1)."""

HINTED_ACCOUNT = "hinted_account"
"""The parameter of a ticket that names the account which the client's `id_token_hint` stands for."""

_USE = "authorization-ticket"


class TicketError(Exception):
    """The ticket is not ours, or too old."""


@dataclass(frozen=True, slots=True)
class SignInTicket:
    """A request that was found valid at `issued_at`; with a `page`, the wish to see that page of ours instead."""

    parameters: dict[str, str]
    issued_at: datetime
    page: str | None = None

    @property
    def levels(self) -> frozenset[int]:
        """The levels (`acr`) that are asked for, any of which will do; none when the client leaves it to us."""
        return frozenset(int(value) for value in self.parameters.get("acr_values", "").split() if value in LEVELS)

    @property
    def prompts(self) -> frozenset[str]:
        """The values of `prompt`."""
        return frozenset(self.parameters.get("prompt", "").split())

    def means(self, account_id: str) -> bool:
        """Whether the request may be answered for this account: the client has named it, or nobody."""
        return self.parameters.get(HINTED_ACCOUNT, account_id) == account_id

    @property
    def earliest_sign_in(self) -> datetime | None:
        """The person must have signed in at this moment or later: by `prompt=login` or `max_age`; None for any."""
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
        """A ticket for this request, as URL-safe text."""
        return self._seal(parameters, None)

    def seal_page(self, page: str, *, anew: bool = False) -> str:
        """A ticket for a page of ours; `anew` when whoever comes must sign in now, though they are signed in."""
        return self._seal({"prompt": "login"} if anew else {}, page)

    def seal_wish(self, page: str, wish: dict[str, str]) -> str:
        """A ticket for a page of ours, with what is wished there."""
        return self._seal(wish, page)

    def _seal(self, parameters: dict[str, str], page: str | None) -> str:
        content = {"at": self._clock().timestamp(), "parameters": parameters, "page": page}
        return self._sealer.token(_USE, json.dumps(content).encode())

    def open(self, text: str) -> SignInTicket:
        """The ticket, or `TicketError`."""
        try:
            content = json.loads(self._sealer.open_token(_USE, text))
        except UnsealError:
            raise TicketError from None
        issued_at = datetime.fromtimestamp(content["at"], WITA)
        if self._clock() - issued_at > TICKET_LIFE:
            raise TicketError
        return SignInTicket(content["parameters"], issued_at, content.get("page"))
