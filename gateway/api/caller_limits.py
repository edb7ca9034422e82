"""Limits of callers: how many requests an account, a client application or an address may send within a window.

A request with a credential that was verified before counts for its account and client; every other request counts for
its address. Requests of signed-in callers therefore do not use up the limit of an address that many people share.
Sign-in always counts for the address, and so does what a server sends for many people.

`Admission` has the headers `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from gateway.api.request_headers import Header
from gateway.authentication.known_callers import KnownCallers
from gateway.ground.client_address import client_network
from gateway.shared.call_windows import SlicedCallWindows
from gateway.shared.contract import CallWindows, WindowDecision
from gateway.shared.settings import CallerLimitSettings

_REMEMBERED: Final = 1024


class RouteClass(StrEnum):
    """The classes of routes, each with its own limits."""

    PUBLIC = "public"
    PERSONAL = "personal"
    SIGN_IN = "sign-in"
    SERVERS = "servers"


_HEALTH: Final = frozenset({"/livez", "/readyz"})
_PERSONAL: Final = re.compile(
    r"/v1/(?:me|applications|residents|admin|search)(?:/|$)|/v1/services/[^/]+/readiness$|/oauth2/userinfo$"
)
_SERVERS: Final = re.compile(r"/v1/inbound/|/oauth2/(?:introspect|ticket)$|/auth/apps/[^/]+/check$")
_DOCUMENTS: Final = re.compile(r"/oauth2/(?:jwks$|static/)")
_SIGN_IN: Final = ("/oauth2/", "/auth/", "/account")


@lru_cache(_REMEMBERED)
def route_class(path: str) -> RouteClass | None:
    """Return the class of a path, whether a route has it or not; None for health checks, which have no limit."""
    if _PERSONAL.match(path):
        return RouteClass.PERSONAL
    if _SERVERS.match(path):
        return RouteClass.SERVERS
    if path.startswith(_SIGN_IN) and not _DOCUMENTS.match(path):
        return RouteClass.SIGN_IN
    return None if path in _HEALTH else RouteClass.PUBLIC


class Admission(NamedTuple):
    """The headers for an answer. `retry_after`: seconds until the caller may try again; None if it is admitted."""

    headers: tuple[Header, Header]
    retry_after: int | None

    @property
    def lines(self) -> bytes:
        """The headers as bytes, each line with its end."""
        return b"ratelimit-policy: %b\r\nratelimit: %b\r\n" % (self.headers[0][1], self.headers[1][1])


class _Policy:
    """One limit: of all callers of one kind, for one class of routes."""

    __slots__ = ("_name", "key", "limit", "windows")

    def __init__(self, key: tuple[RouteClass, str], limit: int, windows: CallWindows) -> None:
        self.key = key
        self.limit = limit
        self.windows = windows
        self._name = "-".join(key).encode()

    def item(self, seconds: int, limit: int) -> bytes:
        """The policy as an item of `RateLimit-Policy`."""
        return b'"%b";q=%d;w=%d' % (self._name, limit, seconds)

    def state(self, seconds: int, decision: WindowDecision) -> bytes:
        """The state of a caller as an item of `RateLimit`."""
        return b'"%b";r=%d;t=%d' % (self._name, decision.remaining, min(decision.wait, seconds))


class CallerLimits:
    """Counts each request for its caller. `known`: the callers of credentials that were verified before."""

    def __init__(
        self,
        settings: CallerLimitSettings,
        known: KnownCallers,
        *,
        new_windows: Callable[[CallerLimitSettings], CallWindows] = lambda settings: SlicedCallWindows(settings.window),
    ) -> None:
        self._known = known
        self._clients = settings.clients
        self._seconds = int(settings.window.total_seconds())
        self.refused: Counter[tuple[RouteClass, str]] = Counter()
        """Refused requests by class and by whose limit was reached: an address, an account or a client."""

        def policy(route: RouteClass, by: str, limit: int) -> _Policy:
            self.refused[route, by] = 0
            return _Policy((route, by), limit, new_windows(settings))

        anonymous = policy(RouteClass.PUBLIC, "address", settings.public.address)
        self._by_address = {
            RouteClass.PUBLIC: anonymous,
            RouteClass.PERSONAL: anonymous,
            RouteClass.SIGN_IN: policy(RouteClass.SIGN_IN, "address", settings.sign_in.address),
            RouteClass.SERVERS: policy(RouteClass.SERVERS, "address", settings.servers.address),
        }
        self._by_caller = {
            RouteClass.PUBLIC: (
                policy(RouteClass.PUBLIC, "account", settings.public.account),
                policy(RouteClass.PUBLIC, "client", settings.public.client),
            ),
            RouteClass.PERSONAL: (
                policy(RouteClass.PERSONAL, "account", settings.personal.account),
                policy(RouteClass.PERSONAL, "client", settings.personal.client),
            ),
        }
        self._network_of = lru_cache(_REMEMBERED)(client_network)
        self._policy_header = lru_cache(_REMEMBERED)(self._written_policies)

    def admit(self, path: str, headers: Mapping[bytes, bytes], address: str | None) -> Admission | None:
        """Count a request, and decide whether it may pass. None if it has no limit: health, or without an address.

        `headers` have names in lower case.
        """
        route = route_class(path)
        if route is None:
            return None
        pair = self._by_caller.get(route)
        if pair is not None and (b"authorization" in headers or b"cookie" in headers):
            caller = self._known.find(headers)
            if caller is not None:
                return self._admit_known(pair, caller.account, caller.client)
        if address is None:
            return None
        policy = self._by_address[route]
        decision = policy.windows.take(self._network_of(address), policy.limit)
        return self._admission(policy, decision, self._policy_header(policy, policy.limit, None, 0))

    def _admit_known(self, pair: tuple[_Policy, _Policy], account: str | None, client: str) -> Admission:
        """Count for the account first: one that is over its limit must not use up the limit of its client."""
        of_account, of_client = pair
        limit = self._limit_of_client(of_client, client)
        if account is None:
            decision = of_client.windows.take(client, limit)
            return self._admission(of_client, decision, self._policy_header(of_client, limit, None, 0))
        written = self._policy_header(of_account, of_account.limit, of_client, limit)
        decision = of_account.windows.take(account, of_account.limit)
        if decision.granted:
            together = of_client.windows.take(client, limit)
            if not together.granted or together.remaining < decision.remaining:
                return self._admission(of_client, together, written)
        return self._admission(of_account, decision, written)

    def _admission(self, policy: _Policy, decision: WindowDecision, written: bytes) -> Admission:
        if not decision.granted:
            self.refused[policy.key] += 1
        headers = (b"ratelimit-policy", written), (b"ratelimit", policy.state(self._seconds, decision))
        return Admission(headers, None if decision.granted else decision.wait)

    def _limit_of_client(self, policy: _Policy, client: str) -> int:
        own = self._clients.get(client)
        limit = getattr(own, policy.key[0]) if own is not None else None
        return policy.limit if limit is None else limit

    def _written_policies(self, first: _Policy, limit: int, second: _Policy | None, second_limit: int) -> bytes:
        items = [first.item(self._seconds, limit)]
        if second is not None:
            items.append(second.item(self._seconds, second_limit))
        return b", ".join(items)
