"""Problem answers (RFC 9457), with what this API adds to them."""

from typing import Annotated

from schemas.classes import Classed, general
from schemas.envelope import Source


class FieldProblem(Classed):
    """What is wrong with one part of the request, and how to mend it."""

    pointer: Annotated[
        str, general("Letak", "JSON pointer into the body, or the parameter's name", examples=["/purpose"])
    ]
    detail: Annotated[str, general("Penjelasan", "What is wrong, and the remedy")]


class Problem(Classed):
    """An error answer. `type` is a page of our own documentation."""

    type: Annotated[str, general("Jenis masalah", "Address of the page that explains it")]
    title: Annotated[str, general("Judul", "What kind of problem it is")]
    status: Annotated[int, general("Status", "HTTP status")]
    detail: Annotated[str, general("Penjelasan", "What happened, and the remedy")]
    instance: Annotated[str, general("Kejadian", "This occurrence", examples=["urn:uuid:…"])]
    request_id: Annotated[str, general("Nomor permintaan", "Number of the request, to quote when asking for help")]
    errors: Annotated[tuple[FieldProblem, ...] | None, general("Kesalahan", "Parts of the request to mend")] = None
    sources: Annotated[tuple[Source, ...] | None, general("Sumber", "What each system contributed")] = None
    complete: Annotated[bool | None, general("Lengkap", "Always false here")] = None
    scopes: Annotated[tuple[str, ...] | None, general("Cakupan", "Scopes that the operation needs")] = None
