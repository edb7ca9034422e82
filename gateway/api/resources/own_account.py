"""The caller's own account: sessions, consents, and linked accounts at agencies' applications."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Path, Request

from gateway.api.answers import Answer, list_answer, no_content, private_answer
from gateway.api.callers import AccountReader, AccountWriter, LinksChanger, api_router
from gateway.api.client_ids import ClientId
from gateway.api.context import ContextDep, RequestContext
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.formats.page import ListPage
from gateway.api.lists import NO_PARAMETERS, access_context
from gateway.api.openapi.models import list_model
from gateway.api.openapi.operations import answers, no_content_answers, required_sign_in
from gateway.api.problems.errors import ProblemError
from gateway.api.sources import NO_SOURCES
from gateway.ground.clock import WITA
from gateway.identity.self_service.sessions import OwnSession
from gateway.policy.permissions import OWN_ACCOUNT_ITEM, OWN_ACCOUNT_ITEM_GUARDED, OWN_ACCOUNT_LIST
from gateway.policy.principal import Principal
from gateway.policy.scopes import SCOPES
from schemas.account import AccountConsent, AccountLink, AccountSession, ConsentedScope, LinkCode, SessionKind
from schemas.classes import Classed
from schemas.texts import Text

router = api_router(prefix="/v1/me", tags=["me"], dependencies=NO_PARAMETERS)

_REFUSALS = ("not-authenticated", "insufficient-scope", "forbidden")
_READING = (*_REFUSALS, "access-log-unavailable")
_CHANGING = (*_REFUSALS, "cross-site", "not-found")
_GUARDED = ("stronger-sign-in-needed", "recent-sign-in-needed")

SessionId = Annotated[str, Path(max_length=512)]


@router.get(
    "/sessions",
    operation_id="listMySessions",
    summary="Di mana saya masuk · My sessions",
    description=(
        "Peramban, halaman web dan aplikasi yang memegang akun Anda, yang terakhir dipakai lebih dahulu.\n\n"
        "Browsers, web pages and apps that are signed in to your account, the last used first."
    ),
    responses=answers(lambda: list_model("AccountSession", AccountSession), *_READING, private=True),
    openapi_extra=required_sign_in("account.read", reach=OWN_ACCOUNT_LIST, waits=False),
)
async def list_my_sessions(request: Request, deps: ApiDeps, context: ContextDep, principal: AccountReader) -> Answer:
    """Return the caller's sessions."""
    found = await deps.accounts.sessions.of(principal.account_id, principal.grant_id)
    return await _list_answer(request, deps, context, principal, "session", map(_account_session, found))


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    operation_id="endMySession",
    summary="Akhiri satu sesi · End one session",
    description=(
        "Sesi berakhir seketika, beserta semua token yang berasal darinya.\n\n"
        "The session ends immediately, with every token issued from it."
    ),
    responses=no_content_answers(*_CHANGING),
    openapi_extra=required_sign_in("account.write", reach=OWN_ACCOUNT_ITEM, waits=False),
)
async def end_my_session(deps: ApiDeps, context: ContextDep, principal: AccountWriter, session_id: SessionId) -> Answer:
    """End one of the caller's sessions."""
    return _no_content_or_404(await deps.accounts.sessions.end(principal.account_id, session_id), context)


@router.get(
    "/consents",
    operation_id="listMyConsents",
    summary="Apa yang saya izinkan · My consents",
    description=(
        "Aplikasi yang Anda izinkan, dengan cakupan masing-masing.\n\n"
        "Applications that you have consented to, with their scopes."
    ),
    responses=answers(lambda: list_model("AccountConsent", AccountConsent), *_READING, private=True),
    openapi_extra=required_sign_in("account.read", reach=OWN_ACCOUNT_LIST, waits=False),
)
async def list_my_consents(request: Request, deps: ApiDeps, context: ContextDep, principal: AccountReader) -> Answer:
    """Return the caller's consents."""
    found = [
        AccountConsent(
            client=one.client_id,
            name=Text(**one.titles),
            scopes=tuple(
                ConsentedScope(scope=name, text=Text(id=SCOPES[name].text_id, en=SCOPES[name].text_en))
                for name in one.scopes
                if name in SCOPES
            ),
            given_at=one.given_at.astimezone(WITA),
        )
        for one in await deps.accounts.consents.of(principal.account_id)
    ]
    return await _list_answer(request, deps, context, principal, "consent", found)


@router.delete(
    "/consents/{client_id}",
    status_code=204,
    operation_id="withdrawMyConsent",
    summary="Cabut persetujuan · Withdraw a consent",
    description=(
        "Berlaku seketika: semua token aplikasi itu untuk Anda berakhir.\n\n"
        "Effective immediately: every token that the application has for you ends."
    ),
    responses=no_content_answers(*_CHANGING),
    openapi_extra=required_sign_in("account.write", reach=OWN_ACCOUNT_ITEM, waits=False),
)
async def withdraw_my_consent(
    deps: ApiDeps, context: ContextDep, principal: AccountWriter, client_id: ClientId
) -> Answer:
    """Withdraw the caller's consent for an application."""
    return _no_content_or_404(await deps.accounts.consents.withdraw(principal.account_id, client_id), context)


@router.get(
    "/links",
    operation_id="listMyLinks",
    summary="Akun yang terhubung · Linked accounts",
    description=(
        "Akun di aplikasi instansi yang sudah terbukti milik Anda.\n\n"
        "Accounts at agencies' applications that are proven to be yours."
    ),
    responses=answers(lambda: list_model("AccountLink", AccountLink), *_READING, private=True),
    openapi_extra=required_sign_in("account.read", reach=OWN_ACCOUNT_LIST, waits=False),
)
async def list_my_links(request: Request, deps: ApiDeps, context: ContextDep, principal: AccountReader) -> Answer:
    """Return the caller's linked accounts."""
    found = [
        AccountLink(
            client=one.client_id, name=Text(**one.titles), account=one.local, proven_at=one.proven_at.astimezone(WITA)
        )
        for one in await deps.accounts.links.of(principal.account_id)
    ]
    return await _list_answer(request, deps, context, principal, "link", found)


@router.put(
    "/links/{client_id}",
    operation_id="linkMyAccount",
    summary="Hubungkan akun · Link an account",
    description=(
        "Memberi kode sekali pakai, berlaku lima menit. Masukkan kode itu di aplikasi tersebut, selagi masuk di sana: "
        "dengan begitu kedua akun terbukti. Perlu masuk dengan faktor kedua, paling lama sepuluh menit yang lalu.\n\n"
        "Returns a code that is valid once, for five minutes. Enter it in that application while signed in there: this "
        "proves both accounts. Requires a sign-in with a second factor within the last ten minutes."
    ),
    responses=answers(LinkCode, *_CHANGING, *_GUARDED, "access-log-unavailable", private=True),
    openapi_extra=required_sign_in("account.write", reach=OWN_ACCOUNT_ITEM_GUARDED, waits=False),
)
async def link_my_account(
    request: Request, deps: ApiDeps, context: ContextDep, principal: LinksChanger, client_id: ClientId
) -> Answer:
    """Return a code that links the caller's account at an application."""
    issued = await deps.accounts.links.begin(principal.account_id, client_id)
    if issued is None:
        raise ProblemError("not-found")
    code = LinkCode(client=client_id, code=issued[0], expires_at=issued[1].astimezone(WITA))
    disclosed = await deps.gate.disclose_own_account(
        principal, [code], resource="link", language=context.language, occasion=access_context(deps, context, request)
    )
    return private_answer(disclosed, language=context.language)


@router.delete(
    "/links/{client_id}",
    status_code=204,
    operation_id="unlinkMyAccount",
    summary="Putuskan akun · Unlink an account",
    description=(
        "Aplikasi itu tidak lagi diberi tahu akun mana milik Anda. Perlu masuk dengan faktor kedua, "
        "paling lama sepuluh menit yang lalu.\n\n"
        "The application no longer gets your linked account. Requires a sign-in with a second factor within the last "
        "ten minutes."
    ),
    responses=no_content_answers(*_CHANGING, *_GUARDED),
    openapi_extra=required_sign_in("account.write", reach=OWN_ACCOUNT_ITEM_GUARDED, waits=False),
)
async def unlink_my_account(deps: ApiDeps, context: ContextDep, principal: LinksChanger, client_id: ClientId) -> Answer:
    """Unlink the caller's account at an application."""
    return _no_content_or_404(await deps.accounts.links.remove(principal.account_id, client_id), context)


async def _list_answer(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    resource: str,
    values: Iterable[Classed],
) -> Answer:
    disclosed = await deps.gate.disclose_own_account(
        principal, values, resource=resource, language=context.language, occasion=access_context(deps, context, request)
    )
    return list_answer(request, ListPage(disclosed, NO_SOURCES), language=context.language)


def _no_content_or_404(changed: bool, context: RequestContext) -> Answer:  # noqa: FBT001 - private, and called in three places above
    if not changed:
        raise ProblemError("not-found")
    return no_content(context.language)


def _account_session(one: OwnSession) -> AccountSession:
    return AccountSession(
        id=one.id,
        kind=SessionKind(one.kind.value),
        name=Text(**one.titles) if one.titles else None,
        agent=one.agent or None,
        acr=one.acr,
        began_at=one.began_at.astimezone(WITA),
        seen_at=one.seen_at.astimezone(WITA),
        current=one.current,
    )
