"""A client as operators see it: everything but what it proves itself by."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from gateway.oidc.clients.registered_client import AuthMethod
from gateway.storage.tables.identity import ClientRow
from schemas.classes import Classed, general


class ClientState(StrEnum):
    """Whether it is a client at present."""

    STANDING = "standing"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class RegisteredClient(Classed):
    """A registered client. Of its keys only the names are shown, of a secret only when it runs out and why it is."""

    id: Annotated[str, general("Nama klien", "The client's id", examples=["dinkes-pelaporan"])]
    state: Annotated[ClientState, general("Keadaan", "Whether it is a client at present")]
    title_id: Annotated[str, general("Judul (Indonesia)", "What people read in Indonesian")]
    title_en: Annotated[str, general("Judul (Inggris)", "What people read in English")]
    owner: Annotated[str | None, general("Penanggung jawab", "The office that answers for it")]
    agency: Annotated[str | None, general("Instansi", "The agency that it belongs to")]
    purpose: Annotated[str | None, general("Tujuan", "What it is for")]
    auth_method: Annotated[AuthMethod, general("Cara bukti diri", "How it authenticates")]
    key_ids: Annotated[tuple[str, ...], general("Nama kunci", "Names of its registered keys")]
    jwks_uri: Annotated[str | None, general("Alamat kunci", "Where it publishes its keys")]
    secret_until: Annotated[datetime | None, general("Rahasia sampai", "When its secret runs out")]
    secret_reason: Annotated[str | None, general("Alasan rahasia", "Why it has a secret")]
    native: Annotated[bool, general("Aplikasi asli", "Whether it runs on a device of its user")]
    redirect_uris: Annotated[tuple[str, ...], general("Alamat kembali", "Where people come back to")]
    post_logout_redirect_uris: Annotated[
        tuple[str, ...], general("Alamat sesudah keluar", "Where people may be sent after logout")
    ]
    backchannel_logout_uri: Annotated[
        str | None, general("Alamat pemberitahuan keluar", "Where it is told that a session has ended")
    ]
    origins: Annotated[
        tuple[str, ...], general("Asal halaman", "Origins of its pages, which may read our answers in a browser")
    ]
    grant_types: Annotated[tuple[str, ...], general("Cara", "What it may ask tokens by")]
    scopes: Annotated[tuple[str, ...], general("Cakupan", "Scopes that it may ask for")]
    nik_legal_basis: Annotated[str | None, general("Dasar hukum NIK", "By which law it may receive people's NIK")]
    resource: Annotated[str | None, general("Sumber daya", "The audience that it is itself")]
    audiences: Annotated[tuple[str, ...], general("Audiens", "Other resources that it may ask tokens of its own for")]
    exchange_audiences: Annotated[
        tuple[str, ...], general("Audiens pertukaran", "Resources that it may exchange a person's token for")
    ]
    dpop_required: Annotated[bool, general("Wajib DPoP", "Whether its tokens must be bound to a key")]
    quota: Annotated[int | None, general("Kuota", "How many calls a minute it may make")]
    created_at: Annotated[datetime, general("Didaftarkan", "When it was registered")]
    expires_at: Annotated[datetime | None, general("Berlaku sampai", "When it is a client no longer")]
    withdrawn_at: Annotated[datetime | None, general("Diakhiri", "When it was withdrawn")]


class ClientAnswer(RegisteredClient):
    """A registered client, and the secret that was just made for it."""

    secret: Annotated[str | None, general("Rahasia", "The new secret, shown this once; null without one")]


_SAME = frozenset(RegisteredClient.model_fields) - {"state", "key_ids", "secret_until"}


def shown(client: ClientRow, at: datetime) -> RegisteredClient:
    """The client as it stands at `at`."""
    keys = (client.jwks or {}).get("keys", [])
    return RegisteredClient(
        **{name: getattr(client, name) for name in _SAME},
        state=_state(client, at),
        key_ids=tuple(str(key.get("kid")) for key in keys if isinstance(key, dict)),
        secret_until=client.secret_expires_at,
    )


def _state(client: ClientRow, at: datetime) -> ClientState:
    if client.withdrawn_at is not None:
        return ClientState.WITHDRAWN
    return ClientState.STANDING if client.stands(at) else ClientState.EXPIRED
