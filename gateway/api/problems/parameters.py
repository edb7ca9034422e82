"""The parameters that an operation takes, as FastAPI knows them: for who has named one that there is not."""

from typing import Any

from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Cookie, Header, Path


def parameters_of(route: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever kind of route was matched
    """The names of the query parameters of a matched route; none where nothing was matched, or it takes none."""
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return ()
    # Parameters of a query stand in models here, whose fields say nothing of where they belong.
    elsewhere = (Path, Header, Cookie)
    fields = (field for field in get_flat_params(dependant) if not isinstance(field.field_info, elsewhere))
    return tuple(sorted({field.alias for field in fields}))
