"""Exception handlers: one table from exceptions to problem answers."""

import logging
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from adapters.errors import AdapterError
from gateway.api.problems.errors import ProblemError
from gateway.api.problems.fields import field_problems
from gateway.api.problems.parameters import query_parameters
from gateway.api.problems.problem_types import PROBLEMS
from gateway.api.sources import public_sources
from gateway.authentication.errors import (
    CrossSiteError,
    InsufficientAssuranceError,
    InsufficientScopeError,
    NotAuthenticatedError,
    StaleSignInError,
    WrongCallerError,
)
from gateway.federation.combined_answer import NoSourceAnsweredError, TooManyError
from gateway.federation.paging import CursorExpiredError, CursorRefusedError
from gateway.ground.clock import Clock
from gateway.policy.access_log.entries import AccessLogUnavailableError
from gateway.policy.narrowing import PurposeMissingError, RegionRefusedError, RoleRefusedError
from gateway.storage.engine import UNAVAILABLE
from schemas.envelope import OfficeSource, SourceState
from schemas.filters import PERSONAL_NUMBER
from schemas.problem import Problem
from schemas.texts import Language

_BY_STATUS = {
    400: "malformed-request",
    401: "not-authenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "request-too-large",
    415: "unsupported-media-type",
    422: "invalid-request",
}
_DEFAULT_RETRY_SECONDS = 5

_log = logging.getLogger(__name__)


RefusalHandler = Callable[[Request, Exception], Awaitable[None]]
"""Called before the answer when an authenticated caller is refused (403)."""


class Problems:
    """Builds problem answers. `issuer` is the base URL of the pages that explain the problem types."""

    def __init__(self, issuer: str, clock: Clock, on_refusal: RefusalHandler | None = None) -> None:
        self._issuer = issuer
        self._clock = clock
        self._on_refusal = on_refusal

    def install(self, app: FastAPI) -> None:
        """Register handlers for every error that a route or the framework can raise."""
        fixed: dict[type[Exception], str] = {
            WrongCallerError: "forbidden",
            CrossSiteError: "cross-site",
            CursorRefusedError: "cursor-invalid",
            CursorExpiredError: "cursor-expired",
            AccessLogUnavailableError: "access-log-unavailable",
        }
        for error, slug in fixed.items():
            app.add_exception_handler(error, self.handler_for(slug))
        table: dict[type[Exception], Callable[[Request, Any], Response]] = {
            ProblemError: self._problem,
            NotAuthenticatedError: self._not_authenticated,
            InsufficientAssuranceError: self._insufficient_assurance,
            StaleSignInError: self._stale_sign_in,
            NoSourceAnsweredError: self._no_source,
            TooManyError: self._too_many,
            AdapterError: self._adapter,
            RegionRefusedError: self._other_region,
            RequestValidationError: self._invalid,
            HTTPException: self._http,
            **dict.fromkeys(UNAVAILABLE, self._database),
        }
        for error, answer in table.items():
            app.add_exception_handler(error, _awaitable(answer))
        refusals: dict[type[Exception], Callable[[Request, Any], Response]] = {
            RoleRefusedError: lambda request, _: self.answer(request, ProblemError("forbidden")),
            PurposeMissingError: lambda request, _: self.answer(request, ProblemError("purpose-required")),
            InsufficientScopeError: self._insufficient_scope,
        }
        for error, answer in refusals.items():
            app.add_exception_handler(error, self._recorded(answer))

    def answer(self, request: Request, error: ProblemError) -> Response:
        """Return the problem answer for `error`, in the caller's language."""
        problem_type = PROBLEMS[error.slug]
        language = _language(request)
        sources = None
        if error.sources is not None:
            registry = request.app.state.deps.registry
            sources = public_sources(error.sources, registry.title, language).sources
        problem = Problem(
            type=f"{self._issuer}/problems/{problem_type.slug}",
            title=problem_type.title.in_language(language),
            status=problem_type.status,
            detail=problem_type.detail.in_language(language),
            instance=f"urn:uuid:{uuid.uuid4()}",
            request_id=_request_id(request),
            errors=error.errors,
            sources=sources,
            complete=False if error.sources is not None else None,
            scopes=error.scopes,
        )
        headers = {"Cache-Control": "no-store", "Content-Language": language.value, **error.headers}
        if problem_type.status == 503:
            headers.setdefault("Retry-After", str(self._retry_after(error.sources or ())))
        return Response(
            problem.model_dump_json(exclude_none=True),
            status_code=problem_type.status,
            headers=headers,
            media_type="application/problem+json",
        )

    def _retry_after(self, sources: tuple[OfficeSource, ...]) -> int:
        known = [source.retry_at for source in sources if source.retry_at is not None]
        return self._seconds_until(min(known)) if known else _DEFAULT_RETRY_SECONDS

    def _seconds_until(self, moment: datetime) -> int:
        return max(1, round((moment - self._clock()).total_seconds()))

    def rate_limited(self, request: Request, seconds: int) -> Response:
        """Return the answer to a caller over its limit, who may try again after `seconds`."""
        return self.answer(request, ProblemError("rate-limited", headers={"Retry-After": str(seconds)}))

    def overloaded(self, request: Request) -> Response:
        """Return the answer to a request for which there is no room."""
        return self.answer(request, ProblemError("overloaded"))

    def handler_for(self, slug: str) -> Any:  # noqa: ANN401 - Starlette's handler type
        """Return an exception handler that always answers with this problem type."""
        return _awaitable(lambda request, _error: self.answer(request, ProblemError(slug)))

    def _recorded(self, answer: Callable[[Request, Any], Response]) -> Any:  # noqa: ANN401 - Starlette's handler type
        async def handler(request: Request, error: Exception) -> Response:
            if self._on_refusal is not None:
                await self._on_refusal(request, error)
            return answer(request, error)

        return handler

    def _problem(self, request: Request, error: ProblemError) -> Response:
        return self.answer(request, error)

    def _not_authenticated(self, request: Request, error: NotAuthenticatedError) -> Response:
        return self.answer(request, ProblemError("not-authenticated", headers=error.headers))

    def _insufficient_assurance(self, request: Request, error: InsufficientAssuranceError) -> Response:
        return self.answer(request, ProblemError("stronger-sign-in-needed", headers=error.headers))

    def _stale_sign_in(self, request: Request, error: StaleSignInError) -> Response:
        return self.answer(request, ProblemError("recent-sign-in-needed", headers=error.headers))

    def _insufficient_scope(self, request: Request, error: InsufficientScopeError) -> Response:
        scopes = tuple(sorted(error.scopes))
        return self.answer(request, ProblemError("insufficient-scope", headers=error.headers, scopes=scopes))

    def _no_source(self, request: Request, error: NoSourceAnsweredError) -> Response:
        causes = {source.cause for source in error.sources if source.state is SourceState.FAILED}
        cause = causes.pop() if len(causes) == 1 else None
        return self.answer(request, ProblemError(cause or "sources-failed", sources=error.sources))

    def _too_many(self, request: Request, error: TooManyError) -> Response:
        return self.answer(request, ProblemError("too-many", sources=error.sources or None))

    def _adapter(self, request: Request, error: AdapterError) -> Response:
        headers = {}
        if error.retry_at is not None and PROBLEMS[error.cause].status == 503:
            headers["Retry-After"] = str(self._seconds_until(error.retry_at))
        return self.answer(request, ProblemError(error.cause, headers=headers))

    def _other_region(self, request: Request, _error: RegionRefusedError) -> Response:
        errors = field_problems([{"type": "other_region", "loc": ("query", "region")}], _language(request))
        return self.answer(request, ProblemError("forbidden", errors=errors))

    def _database(self, request: Request, error: Exception) -> Response:
        # The message contains the statement, so it is not logged. The driver's type is more specific than SQLAlchemy's.
        problem_type = type(getattr(error, "orig", None) or error).__name__
        _log.error("database unavailable", extra={"error": problem_type, "request_id": _request_id(request)})
        return self.answer(request, ProblemError("database-unavailable"))

    def _invalid(self, request: Request, error: RequestValidationError) -> Response:
        problems = error.errors()
        if any(problem["type"] == "json_invalid" for problem in problems):
            return self.answer(request, ProblemError("malformed-request"))
        personal = [problem for problem in problems if problem["type"] == PERSONAL_NUMBER]
        known = query_parameters(request.scope.get("route"))
        errors = field_problems(personal or problems, _language(request), known)
        return self.answer(request, ProblemError("personal-number" if personal else "invalid-request", errors=errors))

    def _http(self, request: Request, error: HTTPException) -> Response:
        slug = _BY_STATUS.get(error.status_code, "internal" if error.status_code >= 500 else "malformed-request")
        headers = _allow(request) if error.status_code == 405 else error.headers
        return self.answer(request, ProblemError(slug, headers=headers))


def _allow(request: Request) -> dict[str, str]:
    """Return the `Allow` header. Starlette lists only the methods of the first route with this path."""
    path = request.scope["path"]  # request.url raises if the query is not UTF-8
    found = {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path_regex.fullmatch(path)
        for method in route.methods or ()
    }
    # `Edge` turns HEAD into GET, so that no route declares HEAD.
    return {"Allow": ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))}


def _awaitable(answer: Callable[[Request, Any], Response]) -> Any:  # noqa: ANN401 - Starlette's handler type
    async def handler(request: Request, error: Exception) -> Response:
        return answer(request, error)

    return handler


def _request_id(request: Request) -> str:
    context = getattr(request.state, "context", None)
    return context.request_id if context else "-"


def _language(request: Request) -> Language:
    context = getattr(request.state, "context", None)
    return context.language if context else Language.INDONESIAN
