"""The demonstration's clients: a mobile app, a portal, a frontend that runs in the browser, and a kiosk."""

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import now
from gateway.ground.sealing import Sealer
from gateway.oidc.clients.registered_client import AuthMethod, hash_client_secret
from gateway.oidc.grants.device_grant import DEVICE_GRANT
from gateway.policy.scopes import MACHINE_SCOPES, SCOPES
from gateway.settings import Settings
from gateway.storage.tables.clients import ClientRow

MOBILE: Final = "gerbang-mobile"
WEB: Final = "gerbang-web"
FRONTEND: Final = "gerbang-frontend"
KIOSK: Final = "gerbang-kiosk"

_KIOSK_SCOPES = ("openid", "profile.read", "applications.read", "bills.read")
"""Scopes for a screen in a public hall: no health data, no full NIK."""

_LEGAL_BASIS = "Demonstrasi: orang dan NIK rekaan, bukan data siapa pun"
"""Why these clients may receive the NIK: all persons here are fictitious."""


async def seed_clients(session: AsyncSession, sealer: Sealer, settings: Settings, secret: str) -> None:
    """Create or update the clients; `secret` is that of the portal.

    In the demo the app may omit the proof of possession, so that its tokens can be used with curl.
    """
    for client in (_mobile(), _web(settings, hash_client_secret(sealer, secret)), _frontend(), _kiosk()):
        known = await session.get(ClientRow, client.id)
        client.created_at = known.created_at if known else now()
        await session.merge(client)


def _mobile() -> ClientRow:
    return ClientRow(
        id=MOBILE,
        auth_method=AuthMethod.NONE,
        native=True,
        title_id="Aplikasi Warga Banjarmasin",
        title_en="Banjarmasin Resident App",
        sector=MOBILE,
        redirect_uris=["http://127.0.0.1/callback", "http://[::1]/callback"],
        post_logout_redirect_uris=["http://127.0.0.1/signed-out", "http://[::1]/signed-out"],
        scopes=_scopes_of_people(),
        nik_legal_basis=_LEGAL_BASIS,
        grant_types=["authorization_code", "refresh_token"],
    )


def _web(settings: Settings, secret_hash: str) -> ClientRow:
    hosts = ("http://localhost:3000", "http://127.0.0.1:3000")
    return ClientRow(
        id=WEB,
        auth_method=AuthMethod.SECRET,
        secret_hash=secret_hash,
        secret_expires_at=now() + timedelta(days=90),
        secret_reason="demonstration",  # noqa: S106 - the reason for a secret, not the secret
        native=False,
        title_id="Portal Layanan Banjarmasin",
        title_en="Banjarmasin Service Portal",
        sector=WEB,
        redirect_uris=[f"{settings.issuer_url}/auth/callback", *(f"{host}/callback" for host in hosts)],
        post_logout_redirect_uris=[f"{settings.issuer_url}/", *(f"{host}/signed-out" for host in hosts)],
        scopes=_scopes_of_people(),
        nik_legal_basis=_LEGAL_BASIS,
        grant_types=["authorization_code", "refresh_token"],
    )


def _frontend() -> ClientRow:
    """A web frontend with its own origin; 5173 is the port of Vite's development server."""
    hosts = ("http://localhost:5173", "http://127.0.0.1:5173")
    return ClientRow(
        id=FRONTEND,
        auth_method=AuthMethod.NONE,
        native=False,
        title_id="Portal Warga Banjarmasin",
        title_en="Banjarmasin Residents' Portal",
        sector=FRONTEND,
        redirect_uris=[f"{host}/callback" for host in hosts],
        post_logout_redirect_uris=[f"{host}/signed-out" for host in hosts],
        origins=list(hosts),
        scopes=_scopes_of_people(),
        nik_legal_basis=_LEGAL_BASIS,
        grant_types=["authorization_code", "refresh_token"],
    )


def _kiosk() -> ClientRow:
    return ClientRow(
        id=KIOSK,
        auth_method=AuthMethod.NONE,
        native=True,
        title_id="Anjungan layanan",
        title_en="Service kiosk",
        sector=KIOSK,
        redirect_uris=[],
        scopes=list(_KIOSK_SCOPES),
        grant_types=[DEVICE_GRANT],
    )


def _scopes_of_people() -> list[str]:
    return [name for name in SCOPES if name not in MACHINE_SCOPES]
