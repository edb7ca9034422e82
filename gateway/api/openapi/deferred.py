"""Responses of operations that are described when the OpenAPI document is made, not when their routes are declared.

Models and examples of answers are only for the document. FastAPI would analyse them for each declared route: an eighth
of the time of a start.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from typing import Any, Final, ParamSpec

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.utils import create_model_field
from starlette.routing import BaseRoute

Responses = dict[int | str, dict[str, Any]]
P = ParamSpec("P")

_KEY: Final = "deferred"


class DeferredResponses(dict[str, Any]):
    """An empty description, in place of all responses of a route; `describe` returns them."""

    def __init__(self, describe: Callable[[], Responses]) -> None:
        super().__init__()
        self.describe = describe


def deferred(describe: Callable[P, Responses]) -> Callable[P, Responses]:
    """Let a function that returns the `responses` of a route be called when the document is made."""

    @wraps(describe)
    def deferring(*args: P.args, **kwargs: P.kwargs) -> Responses:
        return {_KEY: DeferredResponses(partial(describe, *args, **kwargs))}

    return deferring


def resolve(responses: Responses) -> Responses:
    """Return `responses` with the description in place of a deferred one."""
    described: Responses = {}
    for status, response in responses.items():
        described |= resolve(response.describe()) if isinstance(response, DeferredResponses) else {status: response}
    return described


def described_routes(routes: Sequence[BaseRoute]) -> Iterator[RouteContext]:
    """Yield the routes with their responses, as `get_openapi` reads them. The routes themselves stay as they are."""
    for context in iter_route_contexts(routes):
        if isinstance(context.original_route, APIRoute) and context.include_in_schema:
            responses = resolve(context.responses)
            fields = {
                status: create_model_field(
                    f"Response_{status}_{context.unique_id}", response["model"], mode="serialization"
                )
                for status, response in responses.items()
                if "model" in response
            }
            # Set on this context only, which otherwise reads the attributes of its route.
            vars(context).update(responses=responses, response_fields=fields)
        yield context
