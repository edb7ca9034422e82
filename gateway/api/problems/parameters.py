"""Names of an operation's query parameters, read from FastAPI: for problems about unknown parameters."""

from typing import Any

from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Cookie, Header, Path


def query_parameters(route: Any) -> tuple[str, ...]:  # noqa: ANN401 - any kind of route
    """Return the names of the query parameters of the matched route; empty if no route was matched."""
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return ()
    # Query parameters are fields of models here, whose field info does not name the location.
    not_in_query = (Path, Header, Cookie)
    fields = (field for field in get_flat_params(dependant) if not isinstance(field.field_info, not_in_query))
    return tuple(sorted({field.alias for field in fields}))
