"""Code lists: the values of every coded field, so that a frontend can build forms and filters."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Path, Request

from gateway.api.answers import Answer, reference_answer
from gateway.api.callers import api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.formats.csv_format import spreadsheet
from gateway.api.formats.negotiation import Formats, negotiate_format
from gateway.api.formats.page import JSON
from gateway.api.lists import NO_PARAMETERS
from gateway.api.openapi.models import list_model
from gateway.api.openapi.operations import PUBLIC, answers
from gateway.api.openapi.titles import SCHEMA_TITLES
from gateway.api.problems.errors import ProblemError
from schemas.code_lists import CODED_LISTS, CodeList, CodeScheme, CodeValue, enumerations, scheme_of

router = api_router(prefix="/v1/codes", tags=["catalogue"])

_HOUR: Final = 3_600
_SCHEME_FORMATS: Final[Formats] = (JSON, spreadsheet(CodeScheme, record=False))
_VALUE_FORMATS: Final[Formats] = (JSON, spreadsheet(CodeValue, record=False))


def published_lists(declared: Mapping[str, CodeList]) -> Mapping[str, CodeList]:
    """Return every code list by its scheme: those that adapters declare, and the enumerations of the document."""
    titled = {
        scheme_of(name): CodeList.of_enumeration(scheme_of(name), SCHEMA_TITLES[name], enumeration)
        for name, enumeration in enumerations().items()
        if name in SCHEMA_TITLES
    }
    return dict(sorted((titled | dict(CODED_LISTS) | dict(declared)).items(), key=lambda item: item[0].lower()))


@router.get(
    "",
    operation_id="listCodeSchemes",
    summary="Daftar kode · List code lists",
    description=(
        "Semua daftar kode: nilai status dan jenis pada jawaban dan saringan.\n\n"
        "All code lists: the values of statuses and kinds in answers and filters."
    ),
    responses=answers(lambda: list_model("CodeScheme", CodeScheme), formats=_SCHEME_FORMATS),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def list_code_schemes(request: Request, deps: ApiDeps, context: ContextDep) -> Answer:
    """Return every code list, without its values."""
    choice = await negotiate_format(request, _SCHEME_FORMATS)
    schemes = (code_list.summary() for code_list in deps.code_lists.values())
    return reference_answer(request, schemes, language=context.language, max_age=_HOUR, choice=choice)


@router.get(
    "/{scheme}",
    operation_id="listCodeValues",
    summary="Nilai satu daftar kode · Values of one code list",
    description=(
        "Nilai satu daftar kode dalam bahasa pembaca. Nilai status menyebut artinya (`phase`). `complete` salah bila "
        "lembaga lain yang menerbitkan daftar itu: catatan dapat memuat nilai yang tidak ada di sini.\n\n"
        "The values of one code list, in the reader's language. The values of a status have their `phase`. `complete` "
        "is false for a list that another authority publishes: records may have values that are not listed."
    ),
    responses=answers(lambda: list_model("CodeValue", CodeValue), "not-found", formats=_VALUE_FORMATS),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def list_code_values(
    request: Request, deps: ApiDeps, context: ContextDep, scheme: Annotated[str, Path(max_length=60)]
) -> Answer:
    """Return the values of one code list."""
    choice = await negotiate_format(request, _VALUE_FORMATS)
    found = deps.code_lists.get(scheme)
    if found is None:
        raise ProblemError("not-found")
    return reference_answer(
        request, found.values, language=context.language, max_age=_HOUR, choice=choice, complete=found.complete
    )
