"""Clients of the provider, for operators: registered, looked at, given new keys, ended. Each deed stands in the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from gateway.api.answers import Answer, Caller, done, listing, told
from gateway.api.callers import ClientsChanger, ClientsReader
from gateway.api.client_ids import ClientId
from gateway.api.context import ContextDep, RequestContext
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.formats.page import ListPage
from gateway.api.lists import NO_PARAMETERS
from gateway.api.openapi.operations import Responses, answers, done_or, list_model, signed_in
from gateway.api.problems.errors import ProblemError
from gateway.api.resources.residents import json_only
from gateway.oidc.clients.admin import ClientError, NoSuchClientError
from gateway.oidc.clients.registration import Credentials, Registration
from gateway.oidc.clients.views import ClientAnswer, RegisteredClient, client_view
from gateway.policy.access_log.actions import ActingParty
from gateway.policy.disclosure import reference_data
from gateway.policy.permissions import OPERATORS_GUARDED, OPERATORS_STRONG
from gateway.policy.principal import Principal
from gateway.storage.tables.clients import ClientRow
from schemas.classes import general

router = APIRouter(prefix="/v1/admin/clients", tags=["administration"])

_SECURED: dict[str, Any] = signed_in("clients.manage", reach=OPERATORS_STRONG, waits=False)
_GUARDED: dict[str, Any] = signed_in("clients.manage", reach=OPERATORS_GUARDED, waits=False)
_REFUSALS = ("not-authenticated", "stronger-sign-in-needed", "insufficient-scope", "forbidden")
_CHANGING = ("recent-sign-in-needed", "cross-site")
_OF_BODIES = ("client-refused", "malformed-request", "unsupported-media-type", "request-too-large")
_WITH_BODY = (Depends(json_only), *NO_PARAMETERS)


class ClientExpiry(BaseModel):
    """When a client ends."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    expires_at: Annotated[
        AwareDatetime,
        general("Berlaku sampai", "When it is a client no longer", examples=["2027-06-30T00:00:00+08:00"]),
    ]


def _answered(*problems: str) -> Responses:
    return answers(ClientAnswer, *_REFUSALS, *problems, private=True)


@router.get(
    "",
    operation_id="listClients",
    summary="Daftar klien · List clients",
    description="Semua klien, juga yang sudah berakhir.\n\nEvery client, those that have ended too.",
    responses=answers(list_model("RegisteredClient", RegisteredClient), *_REFUSALS, private=True),
    openapi_extra=_SECURED,
    dependencies=NO_PARAMETERS,
)
async def list_clients(request: Request, deps: ApiDeps, context: ContextDep, _principal: ClientsReader) -> Answer:
    """Every client, the oldest first."""
    at = deps.clock()
    found = [client_view(one, at) for one in await deps.clients.all()]
    page = ListPage(reference_data(found, context.language), ())
    return listing(request, page, language=context.language, caller=Caller.SIGNED_IN)


@router.post(
    "",
    operation_id="registerClient",
    summary="Daftarkan klien · Register a client",
    description=(
        "Mendaftarkan aplikasi atau mesin. Rahasia, bila diminta sebagai pengecualian, hanya ditampilkan sekali.\n\n"
        "Registers an application or a machine. A secret, asked for as an exception, is shown once."
    ),
    responses=_answered(*_CHANGING, *_OF_BODIES),
    openapi_extra=_GUARDED,
    dependencies=_WITH_BODY,
)
async def register_client(
    deps: ApiDeps, context: ContextDep, principal: ClientsChanger, said: Annotated[Registration, Body()]
) -> Answer:
    """The client as it was registered."""
    with _refusals():
        made = await deps.clients.add(_actor(principal, context), said)
    return _told(deps, context, made.client, made.secret)


@router.get(
    "/{client_id}",
    operation_id="getClient",
    summary="Satu klien · One client",
    description="Pendaftaran satu klien.\n\nThe registration of one client.",
    responses=_answered("not-found"),
    openapi_extra=_SECURED,
    dependencies=NO_PARAMETERS,
)
async def get_client(deps: ApiDeps, context: ContextDep, _principal: ClientsReader, client_id: ClientId) -> Answer:
    """One client."""
    with _refusals():
        return _told(deps, context, await deps.clients.one(client_id))


@router.put(
    "/{client_id}/credentials",
    operation_id="replaceClientCredentials",
    summary="Ganti kunci klien · Replace a client's keys",
    description=(
        "Kunci atau rahasia yang lama langsung tidak berlaku.\n\nThe old keys, or the old secret, are void at once."
    ),
    responses=_answered(*_CHANGING, "not-found", *_OF_BODIES),
    openapi_extra=_GUARDED,
    dependencies=_WITH_BODY,
)
async def replace_client_credentials(
    deps: ApiDeps,
    context: ContextDep,
    principal: ClientsChanger,
    client_id: ClientId,
    credentials: Annotated[Credentials, Body()],
) -> Answer:
    """The client, and its new secret if it has one."""
    with _refusals():
        made = await deps.clients.rotate(_actor(principal, context), client_id, credentials)
    return _told(deps, context, made.client, made.secret)


@router.put(
    "/{client_id}/expiry",
    operation_id="setClientExpiry",
    summary="Tetapkan akhir klien · Say when a client ends",
    description="Sesudah saat itu klien tidak berlaku lagi.\n\nFrom that moment it is a client no longer.",
    responses=_answered(*_CHANGING, "not-found", *_OF_BODIES),
    openapi_extra=_GUARDED,
    dependencies=_WITH_BODY,
)
async def set_client_expiry(
    deps: ApiDeps,
    context: ContextDep,
    principal: ClientsChanger,
    client_id: ClientId,
    expiry: Annotated[ClientExpiry, Body()],
) -> Answer:
    """The client with its new end."""
    with _refusals():
        return _told(deps, context, await deps.clients.expire(_actor(principal, context), client_id, expiry.expires_at))


@router.delete(
    "/{client_id}",
    operation_id="withdrawClient",
    status_code=204,
    summary="Akhiri klien · Withdraw a client",
    description="Untuk selamanya, beserta semua tokennya.\n\nFor good, with every token of it.",
    responses=done_or(*_REFUSALS, *_CHANGING, "not-found", "client-refused"),
    openapi_extra=_GUARDED,
    dependencies=NO_PARAMETERS,
)
async def withdraw_client(deps: ApiDeps, context: ContextDep, principal: ClientsChanger, client_id: ClientId) -> Answer:
    """Nothing: the client is no more."""
    with _refusals():
        await deps.clients.withdraw(_actor(principal, context), client_id)
    return done(context.language)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NoSuchClientError:
        raise ProblemError("not-found") from None
    except ClientError:
        raise ProblemError("client-refused") from None


def _actor(principal: Principal, context: RequestContext) -> ActingParty:
    return ActingParty(principal.account_id, principal.client_id, str(principal.acr), context.request_id)


def _told(deps: ApiDependencies, context: RequestContext, client: ClientRow, secret: str | None = None) -> Answer:
    answer = ClientAnswer(**dict(client_view(client, deps.clock())), secret=secret)
    return told(reference_data((answer,), context.language), language=context.language)
