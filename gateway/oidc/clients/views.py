"""A client as operators see it: all fields but its credentials."""

from datetime import datetime
from typing import Annotated

from gateway.oidc.clients.registered_client import AuthMethod
from gateway.storage.tables.clients import ClientRow
from schemas.classes import Classed, general
from schemas.codes import Code


class ClientState(Code):
    """Whether the client is active."""

    STANDING = "standing", "Berlaku", "Active"
    EXPIRED = "expired", "Lewat waktu", "Expired"
    WITHDRAWN = "withdrawn", "Diakhiri", "Withdrawn"


class RegisteredClient(Classed):
    """A registered client. Of its keys only the ids are shown; of a secret, only its expiry time and reason."""

    id: Annotated[str, general("Nama klien", "The client's id", examples=["dinkes-pelaporan"])]
    state: Annotated[ClientState, general("Keadaan", "Whether the client is active")]
    title_id: Annotated[str, general("Judul (Indonesia)", "Title in Indonesian")]
    title_en: Annotated[str, general("Judul (Inggris)", "Title in English")]
    owner: Annotated[str | None, general("Penanggung jawab", "The office that is responsible for it")]
    agency: Annotated[str | None, general("Instansi", "The agency that it belongs to")]
    purpose: Annotated[str | None, general("Tujuan", "Its purpose")]
    auth_method: Annotated[AuthMethod, general("Cara bukti diri", "How it authenticates")]
    key_ids: Annotated[tuple[str, ...], general("Nama kunci", "Key ids of its registered keys")]
    jwks_uri: Annotated[str | None, general("Alamat kunci", "Where it publishes its keys")]
    secret_until: Annotated[datetime | None, general("Rahasia sampai", "When its secret expires")]
    secret_reason: Annotated[str | None, general("Alasan rahasia", "Why it has a secret")]
    native: Annotated[bool, general("Aplikasi asli", "Whether it runs on its user's device")]
    redirect_uris: Annotated[tuple[str, ...], general("Alamat kembali", "Redirect addresses")]
    post_logout_redirect_uris: Annotated[
        tuple[str, ...], general("Alamat sesudah keluar", "Where people may be sent after logout")
    ]
    backchannel_logout_uri: Annotated[
        str | None, general("Alamat pemberitahuan keluar", "Where it receives logout tokens")
    ]
    origins: Annotated[
        tuple[str, ...], general("Asal halaman", "Origins of its pages, which may read our responses in a browser")
    ]
    grant_types: Annotated[tuple[str, ...], general("Cara", "Grants that it may use")]
    scopes: Annotated[tuple[str, ...], general("Cakupan", "Scopes that it may request")]
    nik_legal_basis: Annotated[str | None, general("Dasar hukum NIK", "The law that lets it receive people's NIK")]
    resource: Annotated[str | None, general("Sumber daya", "Its audience as a resource server")]
    audiences: Annotated[tuple[str, ...], general("Audiens", "Other resources that it may request its own tokens for")]
    exchange_audiences: Annotated[
        tuple[str, ...], general("Audiens pertukaran", "Resources that it may exchange a person's token for")
    ]
    dpop_required: Annotated[bool, general("Wajib DPoP", "Whether its tokens must be bound to a key")]
    quota: Annotated[int | None, general("Kuota", "Calls a minute that it may make")]
    created_at: Annotated[datetime, general("Didaftarkan", "When it was registered")]
    expires_at: Annotated[datetime | None, general("Berlaku sampai", "When the registration expires")]
    withdrawn_at: Annotated[datetime | None, general("Diakhiri", "When it was withdrawn")]


class ClientAnswer(RegisteredClient):
    """A registered client, with its new secret if one was made."""

    secret: Annotated[str | None, general("Rahasia", "The new secret, shown only this once; null if none was made")]


_SAME = frozenset(RegisteredClient.model_fields) - {"state", "key_ids", "secret_until"}


def client_view(client: ClientRow, at: datetime) -> RegisteredClient:
    """Return the view of a client, with its state at `at`."""
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
    return ClientState.STANDING if client.is_active(at) else ClientState.EXPIRED
