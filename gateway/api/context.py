"""Per-request context: request id, language, deadline, and the seconds that each source took."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers

from gateway.api.request_headers import combined_header, preferred_language
from gateway.ground.deadline import Deadline
from gateway.settings import Deadlines
from schemas.texts import Language

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,4})\"?(?:$|[,;\s])", re.IGNORECASE)
_UNSAFE_IN_METRIC = re.compile(r"[^A-Za-z0-9-]")


@dataclass(slots=True)
class RequestContext:
    """Context of one request. `applied_wait` is the deadline in seconds that `Prefer: wait` set."""

    request_id: str
    language: Language
    deadline: Deadline
    applied_wait: int | None
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls, request_id: str, headers: Headers, deadlines: Deadlines, received: float | None = None
    ) -> "RequestContext":
        """Begin the context of a request with these headers. `received`: see `Deadline`."""
        preference = _WAIT.search(combined_header(headers, "prefer"))
        bounds = deadlines
        wait = min(max(float(preference[1]), bounds.shortest), bounds.longest) if preference else bounds.default
        return cls(
            request_id=request_id,
            language=preferred_language(combined_header(headers, "accept-language")),
            deadline=Deadline.after(timedelta(seconds=wait), received),
            applied_wait=int(wait) if preference else None,
        )

    def add_timings(self, seconds: Mapping[str, float]) -> None:
        """Record the seconds that each source took; the maximum for a source with several calls."""
        for name, duration in seconds.items():
            self.seconds[name] = max(duration, self.seconds.get(name, 0.0))

    def server_timing(self, total: float) -> str:
        """The value of `Server-Timing`: milliseconds in all, and of each source."""
        timings = [f"total;dur={total * 1000:.1f}"]
        timings += [f"{_UNSAFE_IN_METRIC.sub('.', name)};dur={secs * 1000:.1f}" for name, secs in self.seconds.items()]
        return ", ".join(timings)


async def _context(request: Request) -> RequestContext:
    context: RequestContext = request.state.context
    return context


ContextDep = Annotated[RequestContext, Depends(_context)]
