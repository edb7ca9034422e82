"""Administration of the provider's clients by operators: registration, keys, expiry, withdrawal. Changes are logged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Body, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from gateway.api.answers import Answer, Caller, list_answer, no_content, private_answer
from gateway.api.callers import ClientsChanger, ClientsReader, api_router
from gateway.api.client_ids import ClientId
from gateway.api.context import ContextDep, RequestContext
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.formats.page import ListPage
from gateway.api.lists import NO_PARAMETERS
from gateway.api.openapi.deferred import Responses
from gateway.api.openapi.models import list_model
from gateway.api.openapi.operations import answers, no_content_answers, required_sign_in
from gateway.api.problems.errors import ProblemError
from gateway.api.resources.residents import require_json
from gateway.api.sources import NO_SOURCES
from gateway.oidc.clients.admin import ClientError, NoSuchClientError
from gateway.oidc.clients.registration import Credentials, Registration
from gateway.oidc.clients.views import ClientAnswer, RegisteredClient, client_view
from gateway.policy.access_log.actions import ActingParty
from gateway.policy.disclosure import reference_data
from gateway.policy.permissions import OPERATORS_GUARDED, OPERATORS_STRONG
from gateway.policy.principal import Principal
from gateway.storage.tables.clients import ClientRow
from schemas.classes import general

router = api_router(prefix="/v1/admin/clients", tags=["administration"])

_SECURED: dict[str, Any] = required_sign_in("clients.manage", reach=OPERATORS_STRONG, waits=False)
_GUARDED: dict[str, Any] = required_sign_in("clients.manage", reach=OPERATORS_GUARDED, waits=False)
_REFUSALS = ("not-authenticated", "stronger-sign-in-needed", "insufficient-scope", "forbidden")
_CHANGING = ("recent-sign-in-needed", "cross-site")
_OF_BODIES = ("client-refused", "malformed-request", "unsupported-media-type", "request-too-large")
_WITH_BODY = (Depends(require_json), *NO_PARAMETERS)


class ClientExpiry(BaseModel):
    """When a client expires."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    expires_at: Annotated[
        AwareDatetime,
        general("Berlaku sampai", "When the client expires", examples=["2027-06-30T00:00:00+08:00"]),
    ]


def _client_answers(*problems: str) -> Responses:
    return answers(ClientAnswer, *_REFUSALS, *problems, private=True)


@router.get(
    "",
    operation_id="listClients",
    summary="Daftar klien · List clients",
    description="Semua klien, juga yang sudah berakhir.\n\nAll clients, including expired and withdrawn ones.",
    responses=answers(lambda: list_model("RegisteredClient", RegisteredClient), *_REFUSALS, private=True),
    openapi_extra=_SECURED,
    dependencies=NO_PARAMETERS,
)
async def list_clients(request: Request, deps: ApiDeps, context: ContextDep, _principal: ClientsReader) -> Answer:
    """Return all clients, the oldest first."""
    at = deps.clock()
    found = [client_view(one, at) for one in await deps.clients.all()]
    page = ListPage(reference_data(found, context.language), NO_SOURCES)
    return list_answer(request, page, language=context.language, caller=Caller.SIGNED_IN)


@router.post(
    "",
    operation_id="registerClient",
    summary="Daftarkan klien · Register a client",
    description=(
        "Mendaftarkan aplikasi atau mesin. Rahasia, bila diminta sebagai pengecualian, hanya ditampilkan sekali.\n\n"
        "Registers an application or a machine. A secret, requested as an exception, is shown only once."
    ),
    responses=_client_answers(*_CHANGING, *_OF_BODIES),
    openapi_extra=_GUARDED,
    dependencies=_WITH_BODY,
)
async def register_client(
    deps: ApiDeps, context: ContextDep, principal: ClientsChanger, registration: Annotated[Registration, Body()]
) -> Answer:
    """Register a client, and return it with its secret, if it has one."""
    with _refusals():
        registered = await deps.clients.add(_actor(principal, context), registration)
    return _client_answer(deps, context, registered.client, registered.secret)


@router.get(
    "/{client_id}",
    operation_id="getClient",
    summary="Satu klien · One client",
    description="Pendaftaran satu klien.\n\nThe registration of one client.",
    responses=_client_answers("not-found"),
    openapi_extra=_SECURED,
    dependencies=NO_PARAMETERS,
)
async def get_client(deps: ApiDeps, context: ContextDep, _principal: ClientsReader, client_id: ClientId) -> Answer:
    """Return one client."""
    with _refusals():
        return _client_answer(deps, context, await deps.clients.one(client_id))


@router.put(
    "/{client_id}/credentials",
    operation_id="replaceClientCredentials",
    summary="Ganti kunci klien · Replace a client's keys",
    description=(
        "Kunci atau rahasia yang lama langsung tidak berlaku.\n\nThe old keys or secret become invalid immediately."
    ),
    responses=_client_answers(*_CHANGING, "not-found", *_OF_BODIES),
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
    """Replace a client's credentials, and return the client with its new secret, if it has one."""
    with _refusals():
        registered = await deps.clients.rotate(_actor(principal, context), client_id, credentials)
    return _client_answer(deps, context, registered.client, registered.secret)


@router.put(
    "/{client_id}/expiry",
    operation_id="setClientExpiry",
    summary="Tetapkan akhir klien · Set the expiry of a client",
    description="Sesudah saat itu klien tidak berlaku lagi.\n\nThe client is invalid from that time.",
    responses=_client_answers(*_CHANGING, "not-found", *_OF_BODIES),
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
    """Set a client's expiry, and return the client."""
    with _refusals():
        return _client_answer(
            deps, context, await deps.clients.expire(_actor(principal, context), client_id, expiry.expires_at)
        )


@router.delete(
    "/{client_id}",
    operation_id="withdrawClient",
    status_code=204,
    summary="Akhiri klien · Withdraw a client",
    description="Untuk selamanya, beserta semua tokennya.\n\nPermanently, together with all of its tokens.",
    responses=no_content_answers(*_REFUSALS, *_CHANGING, "not-found", "client-refused"),
    openapi_extra=_GUARDED,
    dependencies=NO_PARAMETERS,
)
async def withdraw_client(deps: ApiDeps, context: ContextDep, principal: ClientsChanger, client_id: ClientId) -> Answer:
    """Withdraw a client permanently."""
    with _refusals():
        await deps.clients.withdraw(_actor(principal, context), client_id)
    return no_content(context.language)


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


def _client_answer(
    deps: ApiDependencies, context: RequestContext, client: ClientRow, secret: str | None = None
) -> Answer:
    answer = ClientAnswer(**dict(client_view(client, deps.clock())), secret=secret)
    return private_answer(reference_data((answer,), context.language), language=context.language)
