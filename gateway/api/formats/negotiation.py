"""Which forms a list is offered in, and which of them a caller gets by their `Accept` (RFC 9110, section 12.5.1).

JSON and CSV always, GeoJSON where the records have a position.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from fastapi import Request

from gateway.api.context import combined_header
from gateway.api.formats.csv_format import spreadsheet
from gateway.api.formats.geojson import GEOJSON, has_position
from gateway.api.formats.page import JSON, Representation
from gateway.api.problems.errors import ProblemError
from schemas.classes import Classed
from schemas.problem import FieldProblem
from schemas.resources import Resource

Forms = tuple[Representation, ...]

_QUALITY: Final = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)
_MOST_RANGES: Final = 50
_ANYTHING: Final = frozenset({"", "*/*"})


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """The form that was chosen, and the request headers on which the answer depends for it."""

    representation: Representation = JSON
    varies: tuple[str, ...] = ()


JSON_ONLY: Final = FormatChoice()


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


def choose(accept: str, offered: Forms) -> FormatChoice:
    """The form that the caller prefers; of equally good ones the first that is offered.

    Raises the problem `not-acceptable`, which names the forms, where the caller takes none of them.
    """
    wanted = preferred(accept, [one.media_type for one in offered])
    best = next((one for one in offered if one.media_type == wanted), None)
    if best is None:
        named = ", ".join(one.media_type for one in offered)
        raise ProblemError(
            "not-acceptable",
            errors=(FieldProblem(pointer="header:Accept", detail=named),),
            headers={"Vary": "Accept, Accept-Language"},
        )
    return FormatChoice(best, varies=("Accept",) if len(offered) > 1 else ())


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """The media type that the caller prefers; of equally good ones the first that is offered; None for none of them."""
    if accept in _ANYTHING:
        return offered[0]
    qualities = _qualities(accept)
    best = max(offered, key=lambda one: _quality(one, qualities))
    return best if _quality(best, qualities) > 0 else None


def _qualities(accept: str) -> dict[str, float]:
    """What the caller thinks of each media range; of anything, where nothing is said."""
    found: dict[str, float] = {}
    for part in accept.split(",")[:_MOST_RANGES]:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name.count("/") == 1:
            said = next((match for match in map(_QUALITY.fullmatch, parameters) if match), None)
            found.setdefault(name.lower(), min(float(said[1]), 1.0) if said else 1.0)
    return found or {"*/*": 1.0}


def _quality(media_type: str, qualities: dict[str, float]) -> float:
    """The quality by the most specific range that the type falls into."""
    whole = media_type.partition("/")[0]
    return next((qualities[name] for name in (media_type, f"{whole}/*", "*/*") if name in qualities), 0.0)
