"""Offers lists of one resource, public or the caller's own: the same parameters, answers and description for each."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.params import Depends as DependsOn
from pydantic import BaseModel, create_model

from gateway.api.answers import Answer
from gateway.api.callers import RequireScopes
from gateway.api.context import TheContext
from gateway.api.dependencies import TheParts
from gateway.api.detail import LONGEST_ID, public_record
from gateway.api.formats.page import Representation
from gateway.api.forms import chosen, forms_of
from gateway.api.lists import NO_PARAMETERS, Paging, personal_list, public_list
from gateway.api.openapi.operations import (
    PERSONAL,
    PUBLIC,
    SOURCES,
    Responses,
    alone,
    answers,
    listed,
    signed_in,
    words_of,
)
from gateway.policy.narrowing import narrow_own
from gateway.policy.permissions import OWN_LIST, OWN_LIST_STRONG
from gateway.policy.principal import Principal
from schemas.records import Body
from schemas.resources import Query as ResourceQuery
from schemas.resources import Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=ResourceQuery)


def filters_of(resource: Resource[B, Q], asked: BaseModel) -> Q:
    """The query within what a caller asked."""
    return resource.query.model_validate({name: getattr(asked, name) for name in resource.query.model_fields})


def parameters_of(resource: Resource[Any, Any], paging: type[BaseModel] = Paging) -> Any:  # noqa: ANN401 - a type made here
    """The parameters of a list: the resource's filters, and paging."""
    query: type[BaseModel] = resource.query
    return create_model(f"{resource.body.__name__}Parameters", __base__=(query, paging), __doc__=query.__doc__)


def _serve(
    router: APIRouter,
    path: str,
    endpoint: Callable[..., Any],
    said: tuple[str, str, str],
    *,
    responses: Responses,
    openapi_extra: dict[str, Any],
    dependencies: Sequence[DependsOn] = (),
) -> None:
    """Serve an endpoint; `said` are the operation's id, its summary and its description."""
    operation_id, summary, description = said
    router.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        operation_id=operation_id,
        summary=summary,
        description=description,
        responses=responses,
        openapi_extra=openapi_extra,
        dependencies=dependencies,
    )


def offer(
    router: APIRouter,
    path: str,
    resource: Resource[B, Q],
    *forms: Representation,
    operation_id: str,
    summary: str,
    text: str,
) -> None:
    """Serve a resource's public list at `path`; `forms` are those that it has beside what every list has."""
    offered = forms_of(resource, *forms)

    async def endpoint(request: Request, parts: TheParts, context: TheContext, asked: Any) -> Answer:  # noqa: ANN401 - typed below
        choice = await chosen(request, offered)
        return await public_list(request, parts, context, resource, filters_of(resource, asked), asked, choice)

    # FastAPI reads the type of the parameters from here; no checker can follow a type made at run time.
    endpoint.__annotations__["asked"] = Annotated[parameters_of(resource), Query()]
    endpoint.__doc__ = f"{resource.title.en}: a page from the snapshots."
    _serve(
        router,
        path,
        endpoint,
        (operation_id, summary, text),
        responses=answers(listed(resource), *SOURCES, "cursor-invalid", *words_of(resource), forms=offered),
        openapi_extra=PUBLIC,
    )


def offer_one(
    router: APIRouter,
    path: str,
    resource: Resource[Any, Any],
    *,
    operation_id: str,
    summary: str,
    text: str,
) -> None:
    """Serve one public record at `path`, which ends in the name of the parameter that its id is."""
    name = path.rpartition("{")[2].removesuffix("}")

    async def endpoint(request: Request, parts: TheParts, context: TheContext, record_id: Any) -> Answer:  # noqa: ANN401 - typed below
        return public_record(request, parts, context, resource, record_id)

    endpoint.__annotations__["record_id"] = Annotated[str, Path(alias=name, max_length=LONGEST_ID)]
    endpoint.__doc__ = f"{resource.title.en}: one, from the snapshots."
    _serve(
        router,
        path,
        endpoint,
        (operation_id, summary, text),
        responses=answers(alone(resource), "not-found", *SOURCES),
        openapi_extra=PUBLIC,
        dependencies=NO_PARAMETERS,
    )


def offer_own(
    router: APIRouter,
    path: str,
    resource: Resource[B, Q],
    *,
    operation_id: str,
    summary: str,
    text: str,
    acr: int = 1,
) -> None:
    """Serve the caller's own records of a resource at `path`, to whoever holds its scope and has this assurance."""
    scope, offered = resource.scope, forms_of(resource)
    if scope is None:
        raise ValueError(f"{resource.name} has no scope of its own")

    async def endpoint(
        request: Request,
        parts: TheParts,
        context: TheContext,
        principal: Annotated[Principal, Depends(RequireScopes(scope, acr=acr))],
        asked: Any,  # noqa: ANN401 - typed below
    ) -> Answer:
        terms = narrow_own(principal, resource, filters_of(resource, asked))
        choice = await chosen(request, offered)
        return await personal_list(request, parts, context, terms, asked, choice)

    endpoint.__annotations__["asked"] = Annotated[parameters_of(resource), Query()]
    endpoint.__doc__ = f"{resource.title.en}: the caller's own, asked live."
    held = ("cursor-expired",) if resource.may_be_held else ()
    reach, strong = (OWN_LIST_STRONG, ("stronger-sign-in-needed",)) if acr > 1 else (OWN_LIST, ())
    _serve(
        router,
        path,
        endpoint,
        (operation_id, summary, text),
        responses=answers(
            listed(resource),
            *PERSONAL,
            *SOURCES,
            *strong,
            "cursor-invalid",
            *held,
            "too-many",
            *words_of(resource),
            private=True,
            forms=offered,
        ),
        openapi_extra=signed_in(scope, reach=reach),
    )
