"""The control API: a small application beside every simulator, on a separate loopback port.

GET /status · PUT /fault · GET /ledger · GET, DELETE /received · POST /records · DELETE /records/{key} · POST /clock ·
PUT /write-loss · POST /elapse · POST /unseal · POST /seal. Invalid requests are answered 422 with `{"error": reason}`.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.faults import Fault, FaultKind, FaultRefusedError
from simulators.spec import ElapseRefusedError, RecordRefusedError, SealRefusedError, SimulatorState
from simulators.write_loss import LossPoint

_MAX_SLOW = 600

Endpoint = Callable[[Request], Awaitable[Response]]


class InvalidRequestError(ValueError):
    """The request to the control API is invalid; the message states the reason."""


_MAX_ELAPSE: Final = 3600
_REFUSED: Final = (InvalidRequestError, ElapseRefusedError, FaultRefusedError, RecordRefusedError, SealRefusedError)


def _report_errors(endpoint: Endpoint) -> Endpoint:
    @wraps(endpoint)
    async def wrapped(request: Request) -> Response:
        try:
            return await endpoint(request)
        except _REFUSED as error:
            return JSONResponse({"error": str(error)}, 422)

    return wrapped


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise InvalidRequestError("the body is not JSON") from None
    if not isinstance(body, dict):
        raise InvalidRequestError("the body is not a JSON object")
    return body


def _fault(body: dict[str, Any]) -> Fault:
    kinds = [kind.value for kind in FaultKind]
    kind, times, path = body.get("kind"), body.get("times"), body.get("path")
    if kind not in kinds:
        raise InvalidRequestError(f"unknown fault {kind!r}; there are: {', '.join(kinds)}")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise InvalidRequestError("times is a positive number or null")
    if path is not None and not isinstance(path, str):
        raise InvalidRequestError("path is a text or null")
    return Fault(FaultKind(kind), times, path, _seconds(body))


def _seconds(body: dict[str, Any]) -> float | None:
    seconds = body.get("seconds")
    if seconds is None:
        return None
    if body["kind"] != FaultKind.SLOW:
        raise InvalidRequestError("seconds is for slow only")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= _MAX_SLOW:
        raise InvalidRequestError(f"seconds is a number above 0, {_MAX_SLOW} at most, or null")
    return float(seconds)


def _headers(body: dict[str, Any]) -> Mapping[str, str]:
    headers = body.get("headers")
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise InvalidRequestError("headers is an object of texts")
    return {name.lower(): value for name, value in headers.items()}


def _content(body: dict[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(body[name], validate=True)
    except (KeyError, TypeError, ValueError):
        raise InvalidRequestError(f"{name} is in base64") from None


class ControlApi:
    """The endpoints of one simulator's control API."""

    def __init__(self, state: SimulatorState) -> None:
        self._state = state

    def app(self) -> Starlette:
        """Build the ASGI application."""
        routes: list[tuple[str, str, Endpoint]] = [
            ("GET", "/status", self.status),
            ("PUT", "/fault", self.put_fault),
            ("GET", "/ledger", self.ledger),
            ("GET", "/received", self.received),
            ("DELETE", "/received", self.clear_received),
            ("POST", "/records", self.add_record),
            ("DELETE", "/records/{key:path}", self.withdraw_record),
            ("POST", "/clock", self.set_clock),
            ("PUT", "/write-loss", self.put_write_loss),
            ("POST", "/elapse", self.elapse),
            ("POST", "/unseal", self.unseal),
            ("POST", "/seal", self.seal),
        ]
        return Starlette(
            routes=[Route(path, _report_errors(handle), methods=[method]) for method, path, handle in routes]
        )

    async def status(self, _request: Request) -> Response:
        """Return the simulator's identity, the active fault, and its counters."""
        state = self._state
        return JSONResponse(
            {
                "system": state.spec.id,
                "office": state.office,
                "fault": state.faults.fault.kind,
                "supported_faults": sorted({*state.faults.supported, FaultKind.NONE}),
                "requests": state.requests,
                "most_at_once": state.most_at_once,
                "logins": state.logins,
                "sessions": state.count_sessions(),
            }
        )

    async def put_fault(self, request: Request) -> Response:
        """Set the active fault, or `none`."""
        self._state.faults.set(_fault(await _body(request)))
        return await self.status(request)

    async def ledger(self, _request: Request) -> Response:
        """Return every stored write, in order."""
        return JSONResponse({"writes": list(self._state.ledger.writes)})

    async def received(self, _request: Request) -> Response:
        """Return the last requests as received."""
        return JSONResponse({"requests": self._state.received.as_json()})

    async def clear_received(self, _request: Request) -> Response:
        """Clear the recorded requests and the maximum of concurrent requests."""
        self._state.clear_received()
        return Response(status_code=204)

    async def add_record(self, request: Request) -> Response:
        """Add a record; its fields depend on the simulator."""
        record = await _body(request)
        if not isinstance(record.get("kind", ""), str):
            raise InvalidRequestError("kind is a text")
        return JSONResponse({"key": self._state.add_record(record)}, 201)

    async def withdraw_record(self, request: Request) -> Response:
        """Remove a record by its key."""
        if self._state.withdraw_record(request.path_params["key"]):
            return Response(status_code=204)
        return JSONResponse({"error": "there is no such record"}, 404)

    async def set_clock(self, request: Request) -> Response:
        """Set the offset of the simulator's clock in seconds."""
        seconds = (await _body(request)).get("offset_seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not abs(seconds) < 10 * 365 * 86_400:
            raise InvalidRequestError("offset_seconds is a number of seconds, less than ten years")
        self._state.clock.offset = timedelta(seconds=seconds)
        return JSONResponse({"now": self._state.clock.now().isoformat()})

    async def put_write_loss(self, request: Request) -> Response:
        """Lose the connection of the next write at the given point."""
        at = (await _body(request)).get("at")
        points = [point.value for point in LossPoint]
        if at not in points:
            raise InvalidRequestError(f"at is one of: {', '.join(points)}")
        self._state.write_loss.at = LossPoint(at)
        return JSONResponse({"at": at})

    async def elapse(self, request: Request) -> Response:
        """Do at once what the simulator would do within `seconds`; return the number of pending tasks."""
        seconds = (await _body(request)).get("seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= _MAX_ELAPSE:
            raise InvalidRequestError(f"seconds is a number from 0 to {_MAX_ELAPSE}")
        return JSONResponse({"pending": self._state.elapse(seconds)})

    async def unseal(self, request: Request) -> Response:
        """Return the decrypted content of an answer to a request with these headers; 204 if nothing is sealed."""
        body = await _body(request)
        inside = self._state.unseal(_headers(body), _content(body, "answer"))
        if inside is None:
            return Response(status_code=204)
        return JSONResponse({"inside": base64.b64encode(inside).decode("ascii")})

    async def seal(self, request: Request) -> Response:
        """Return the same answer with other sealed content."""
        body = await _body(request)
        answer = self._state.seal(_headers(body), _content(body, "answer"), _content(body, "inside"))
        return JSONResponse({"answer": base64.b64encode(answer).decode("ascii")})
