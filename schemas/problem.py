"""Problem answers (RFC 9457), with the extensions of this API."""

from typing import Annotated

from schemas.classes import Classed, general
from schemas.envelope import Source


class FieldProblem(Classed):
    """An error in one part of the request, and how to correct it."""

    pointer: Annotated[
        str, general("Letak", "JSON pointer into the body, or the parameter's name", examples=["/purpose"])
    ]
    detail: Annotated[str, general("Penjelasan", "The error, and the remedy")]


class Problem(Classed):
    """An error answer. `type` is the address of a page in our documentation."""

    type: Annotated[str, general("Jenis masalah", "Address of the page that explains it")]
    title: Annotated[str, general("Judul", "The kind of problem")]
    status: Annotated[int, general("Status", "HTTP status")]
    detail: Annotated[str, general("Penjelasan", "What happened, and the remedy")]
    instance: Annotated[str, general("Kejadian", "This occurrence", examples=["urn:uuid:…"])]
    request_id: Annotated[str, general("Nomor permintaan", "Number of the request, to quote when asking for help")]
    errors: Annotated[tuple[FieldProblem, ...] | None, general("Kesalahan", "Parts of the request to correct")] = None
    sources: Annotated[tuple[Source, ...] | None, general("Sumber", "Contribution of each system")] = None
    complete: Annotated[bool | None, general("Lengkap", "Always false here")] = None
    scopes: Annotated[tuple[str, ...] | None, general("Cakupan", "Scopes that the operation needs")] = None
