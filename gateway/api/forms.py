"""Which forms a list is offered in: JSON and CSV always, GeoJSON where its records have a position."""

import asyncio
from functools import cache
from typing import Any

from fastapi import Request

from gateway.api.context import combined_header
from gateway.api.formats.geojson import GEOJSON, has_position
from gateway.api.formats.negotiation import FormatChoice, choose
from gateway.api.formats.page import JSON, Representation
from gateway.api.formats.spreadsheet import spreadsheet
from schemas.classes import Classed
from schemas.resources import Resource

Forms = tuple[Representation, ...]


@cache
def forms_of(resource: Resource[Any, Any], *more: Representation) -> Forms:
    """The forms of a list of a resource, the one first that is given to whoever asks for none."""
    body: type[Classed] = resource.body
    mapped = (GEOJSON,) if has_position(body) else ()
    return (JSON, *mapped, *more, spreadsheet(body))


async def chosen(request: Request, forms: Forms) -> FormatChoice:
    """The form that the caller prefers of these, ready to be written; refused where there is none.

    Call it before any system is asked. It is no dependency of FastAPI's, whose way to it costs more than it does.
    """
    choice = choose(combined_header(request.headers, "accept"), forms)
    if choice.representation.prepare is not None:
        # In a thread: nobody else is to wait for it.
        await asyncio.to_thread(choice.representation.prepare)
    return choice
