"""Registration of agencies' applications without OpenID: its input, and how it is stored."""

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.ground.clock import Clock
from gateway.oidc.clients.addresses import PROXY_PATH, is_origin, is_web_address
from gateway.oidc.clients.admin import ClientAdministration, RegistrationOutcome
from gateway.oidc.clients.registered_client import AuthMethod
from gateway.oidc.clients.registration import Credentials, StrictInput
from gateway.policy.access_log.actions import ActingParty
from gateway.policy.scopes import MACHINE_SCOPES, RELEASE_SCOPE, SCOPES
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.legacy_apps import LegacyAppRow
from schemas.classes import general

REFUSED_SCOPES: Final = MACHINE_SCOPES | {RELEASE_SCOPE}
"""Scopes that are refused for such applications: they get the person's identity, and no data of the systems."""

_OF_ALL_CLIENTS: Final = {"id", "title_id", "title_en", "owner", "agency", "purpose", "scopes"}
_Text = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]


class AppRegistration(StrictInput):
    """An application, by its `origin` behind a proxy that calls us (W2), or its `ticket_uri` for tickets (W3)."""

    id: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,40}$")],
        general("Nama aplikasi", "The application's id", examples=["kelurahan-lama"]),
    ]
    title_id: Annotated[_Text, general("Judul (Indonesia)", "Title in Indonesian")]
    title_en: Annotated[_Text, general("Judul (Inggris)", "Title in English")]
    owner: Annotated[_Text, general("Penanggung jawab", "The office that is responsible for it")]
    agency: Annotated[_Text, general("Instansi", "The agency that it belongs to")]
    purpose: Annotated[
        Annotated[str, StringConstraints(min_length=10, max_length=200)], general("Tujuan", "Its purpose")
    ]
    scopes: Annotated[tuple[str, ...], general("Cakupan", "openid, and profile.read if it may receive the name")] = (
        "openid",
        "profile.read",
    )
    origin: Annotated[
        Annotated[str, StringConstraints(max_length=255)] | None,
        general("Alamat di balik proksi", "https://host[:port], without a path"),
    ] = None
    ticket_uri: Annotated[str | None, general("Alamat tiket", "Where browsers send a ticket; https")] = None
    acr: Annotated[int, Field(ge=1, le=2), general("Tingkat", "Lowest accepted level: 1 password, 2 second factor")] = 1
    credentials: Annotated[Credentials, general("Bukti diri", "How it authenticates when it redeems a ticket")] = (
        Credentials()
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        by_ticket, proven = self.ticket_uri is not None, self.credentials.method is not AuthMethod.NONE
        address = self.origin or self.ticket_uri or ""
        for broken, why in (
            ((self.origin is None) is not by_ticket, "give either origin or ticket_uri"),
            (not is_web_address(address), "its address is not https, nor http on this machine"),
            (
                self.origin is not None and not is_origin(self.origin),
                "its origin is https://host[:port] in small letters, without a path",
            ),
            (
                proven is not by_ticket,
                "with ticket_uri, credentials are needed; with origin, there must be none",
            ),
            (bool(set(self.scopes) - SCOPES.keys()), "there is no such scope"),
            (
                "openid" not in self.scopes or bool(REFUSED_SCOPES & set(self.scopes)),
                "its scopes are not for applications",
            ),
        ):
            if broken:
                raise ValueError(why)
        return self


class AppAdministration:
    """Registers applications with this `issuer`. `ClientAdministration` shows and withdraws them like other clients."""

    def __init__(self, clients: ClientAdministration, clock: Clock, issuer: str) -> None:
        self._clients = clients
        self._clock = clock
        self._issuer = issuer

    async def add(self, actor: ActingParty, registration: AppRegistration) -> RegistrationOutcome:
        """Register an application, or raise `ClientError`."""
        base = (
            registration.origin + PROXY_PATH if registration.origin else f"{self._issuer}/auth/apps/{registration.id}"
        )
        row = ClientRow(
            **registration.model_dump(mode="json", include=_OF_ALL_CLIENTS),
            auth_method=AuthMethod.IN_PROCESS.value,
            sector=registration.id,
            native=False,
            redirect_uris=[f"{base}/callback"],
            # Its codes are redeemed inside the gateway, so it may use no grant at the token endpoint.
            grant_types=[],
            created_at=self._clock(),
        )
        app_row = LegacyAppRow(
            client_id=registration.id,
            origin=registration.origin,
            ticket_uri=registration.ticket_uri,
            acr=registration.acr,
        )
        proves_itself = registration.credentials if registration.ticket_uri else None
        return await self._clients.store(actor, "registerApp", row, proves_itself, app_row)
