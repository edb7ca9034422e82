"""Which forms a list is offered in: JSON and CSV always, GeoJSON where its records have a position."""

import asyncio
from functools import cache
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from gateway.representations.geojson import GEOJSON, has_position
from gateway.representations.negotiating import Choice, choose
from gateway.representations.page import JSON, Representation
from gateway.representations.spreadsheet import spreadsheet
from gateway.routes.context import every
from schemas.classes import Classed
from schemas.resources import Resource

Forms = tuple[Representation, ...]


@cache
def forms_of(resource: Resource[Any, Any], *more: Representation) -> Forms:
    """The forms of a list of a resource, the one first that is given to whoever asks for none."""
    body: type[Classed] = resource.body
    mapped = (GEOJSON,) if has_position(body) else ()
    return (JSON, *mapped, *more, spreadsheet(body))


class Choosing:
    """A dependency: the form that the caller prefers of these; refused before anything is asked where there is none."""

    def __init__(self, forms: Forms) -> None:
        self._forms: Final = forms

    async def __call__(self, request: Request) -> Choice:
        """The choice, ready to be written."""
        choice = choose(every(request.headers, "accept"), self._forms)
        if choice.representation.prepare is not None:
            # In a thread: nobody else is to wait for it.
            await asyncio.to_thread(choice.representation.prepare)
        return choice


def chosen(forms: Forms) -> Any:  # noqa: ANN401 - an annotation
    """The annotation of an endpoint's parameter that holds the choice."""
    return Annotated[Choice, Depends(Choosing(forms))]
