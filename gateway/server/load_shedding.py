"""Load shedding: a bound on requests in progress, which keeps health checks and sign-in answered.

Connections are not bounded here: an idle or slow one costs no work. Only admitted requests count, so that a wave of
refused ones cannot use up the reserve of sign-in.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.ground.connection_limits import ConnectionLimits

HEALTH_PATHS: Final = frozenset({"/livez", "/readyz"})
"""Always answered: an orchestrator restarts a gateway that does not answer here."""
_SIGN_IN: Final = ("/oauth2/", "/auth/", "/account", "/.well-known/")
_RETRY_SECONDS: Final = 5
_REFUSAL: Final = b"Too many requests are being processed. Try again later.\n"


class LoadShedding:
    """Outermost ASGI layer. Answers 503 with `Retry-After` while too many requests are in progress.

    If `app` has a method `answer_overloaded`, an ASGI application, that one answers.
    """

    def __init__(self, app: ASGIApp, limits: ConnectionLimits) -> None:
        self._app = app
        self._limits = limits
        self._refuse: ASGIApp = getattr(app, "answer_overloaded", _refuse)
        self.in_progress = 0
        # The connection asks for it. Answers from memory take no task, and are not in progress for any time.
        self.answer_at_once: object = getattr(app, "answer_at_once", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request, or refuse it."""
        if not self._has_room(scope["path"]):
            self._limits.refused += 1
            await self._refuse(scope, receive, send)
            return
        self.in_progress += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.in_progress -= 1

    def _has_room(self, path: str) -> bool:
        settings = self._limits.settings
        if self.in_progress < settings.most_requests or path in HEALTH_PATHS:
            return True
        most = settings.most_requests + settings.reserved_for_sign_in
        return path.startswith(_SIGN_IN) and self.in_progress < most


async def _refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(_REFUSAL)),
        (b"cache-control", b"no-store"),
        (b"retry-after", b"%d" % _RETRY_SECONDS),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _REFUSAL})
