"""Content negotiation: the formats of a list, and the one that `Accept` selects (RFC 9110, section 12.5.1).

Every list has JSON and CSV. Lists of records with a position have GeoJSON too.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from fastapi import Request

from gateway.api.formats.calendar import CALENDAR, has_start
from gateway.api.formats.csv_format import spreadsheet
from gateway.api.formats.geojson import GEOJSON, has_position
from gateway.api.formats.page import JSON, Representation
from gateway.api.problems.errors import ProblemError
from gateway.api.request_headers import combined_header
from schemas.classes import Classed
from schemas.problem import FieldProblem
from schemas.resources import Resource

Formats = tuple[Representation, ...]

_QUALITY: Final = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)
_MAX_RANGES: Final = 50
_ANY_TYPE: Final = frozenset({"", "*/*"})


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """The chosen format, and the request headers that the choice depends on (`Vary`)."""

    representation: Representation = JSON
    varies: tuple[str, ...] = ()


JSON_ONLY: Final = FormatChoice()


@cache
def formats_of(resource: Resource[Any, Any], *more: Representation) -> Formats:
    """Return the formats of a list of a resource, the default first."""
    body: type[Classed] = resource.body
    mapped = (GEOJSON,) if has_position(body) else ()
    return (JSON, *mapped, *more, spreadsheet(body))


@cache
def generic_formats(generic: Resource[Any, Any]) -> Formats:
    """Return the formats of a list that mixes a generic resource with its profiles, the default first."""
    body: type[Classed] = generic.body
    mapped = (GEOJSON,) if has_position(body) else ()
    dated = (CALENDAR,) if has_start(body) else ()
    return (JSON, *mapped, *dated, spreadsheet(body, mixed=True))


async def negotiate_format(request: Request, formats: Formats) -> FormatChoice:
    """Return the format that the caller prefers, after its `prepare` has run. Raises the problem `not-acceptable`.

    Call it before any system is queried. It is not a FastAPI dependency, since resolving one costs more than the call.
    """
    choice = choose_format(combined_header(request.headers, "accept"), formats)
    if choice.representation.prepare is not None:
        # In a thread, so that the event loop is not blocked.
        await asyncio.to_thread(choice.representation.prepare)
    return choice


def choose_format(accept: str, offered: Formats) -> FormatChoice:
    """Return the format that the caller prefers; the first offered one of equal quality.

    Raises the problem `not-acceptable`, which lists the offered formats, if the caller accepts none of them.
    """
    media_type = preferred_media_type(accept, [one.media_type for one in offered])
    best = next((one for one in offered if one.media_type == media_type), None)
    if best is None:
        media_types = ", ".join(one.media_type for one in offered)
        raise ProblemError(
            "not-acceptable",
            errors=(FieldProblem(pointer="header:Accept", detail=media_types),),
            headers={"Vary": "Accept, Accept-Language"},
        )
    return FormatChoice(best, varies=("Accept",) if len(offered) > 1 else ())


def preferred_media_type(accept: str, offered: Sequence[str]) -> str | None:
    """Return the preferred media type, the first offered one of equal quality; None if none is accepted."""
    if accept in _ANY_TYPE:
        return offered[0]
    qualities = _qualities(accept)
    best = max(offered, key=lambda one: _quality(one, qualities))
    return best if _quality(best, qualities) > 0 else None


def _qualities(accept: str) -> dict[str, float]:
    """Return the quality of each media range; that of `*/*` if the header contains no range."""
    found: dict[str, float] = {}
    for part in accept.split(",")[:_MAX_RANGES]:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name.count("/") == 1:
            quality = next((match for match in map(_QUALITY.fullmatch, parameters) if match), None)
            found.setdefault(name.lower(), min(float(quality[1]), 1.0) if quality else 1.0)
    return found or {"*/*": 1.0}


def _quality(media_type: str, qualities: dict[str, float]) -> float:
    """Return the quality of the most specific range that matches the type."""
    main_type = media_type.partition("/")[0]
    return next((qualities[name] for name in (media_type, f"{main_type}/*", "*/*") if name in qualities), 0.0)
