"""Examples of the gateway's own data: an agency, a region, a client, a system."""

from datetime import datetime
from typing import Final

from gateway.ground.clock import WITA
from gateway.oidc.clients.registered_client import AuthMethod
from gateway.oidc.clients.views import ClientState, RegisteredClient
from schemas.agency import Agency
from schemas.envelope import SourceState
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.places import Region, RegionLevel, RegionReference
from schemas.references import AgencyReference
from schemas.system import CircuitState, OfficeStatus, QualityLevel, SnapshotStatus, System
from schemas.texts import Text


def _on(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=WITA)


AGENCY: Final = Agency(
    id="dinas-kesehatan",
    name=Text(id="Dinas Kesehatan", en="Health agency"),
    abbreviation="Dinkes",
    identifiers=(Identifier(scheme=IdentifierScheme.SIPD, value="1.02.0.00.0.00.01.0000"),),
)

REGION: Final = Region(
    code="63.71.01.1001",
    name="Mantuil",
    level=RegionLevel.KELURAHAN,
    parent=RegionReference(code="63.71.01", name="Banjarmasin Selatan"),
    office=AgencyReference(id="kelurahan-mantuil", name=Text(id="Kelurahan Mantuil", en="Kelurahan Mantuil")),
    postal_code="70244",
    bps_code="6371010001",
)

CLIENT: Final = RegisteredClient(
    id="dinkes-pelaporan",
    state=ClientState.STANDING,
    title_id="Pelaporan Dinkes",
    title_en="Health reporting",
    owner="Bidang Data, Dinas Kesehatan",
    agency="dinas-kesehatan",
    purpose="monthly figures of the health centres",
    auth_method=AuthMethod.KEY,
    key_ids=("2026-11",),
    jwks_uri=None,
    secret_until=None,
    secret_reason=None,
    native=False,
    redirect_uris=(),
    post_logout_redirect_uris=(),
    backchannel_logout_uri=None,
    origins=(),
    grant_types=("client_credentials",),
    scopes=("client.read",),
    nik_legal_basis=None,
    resource=None,
    audiences=(),
    exchange_audiences=(),
    dpop_required=False,
    quota=600,
    created_at=datetime(2026, 11, 23, 9, 0, tzinfo=WITA),
    expires_at=datetime(2027, 11, 30, tzinfo=WITA),
    withdrawn_at=None,
)

SYSTEM: Final = System(
    id="e-puskesmas",
    name=Text(id="e-Puskesmas: pendaftaran dan antrean", en="e-Puskesmas: registration and queues"),
    agency=AGENCY.reference(),
    adapter_version="1.0.0",
    assumed=True,
    resources=("appointment", "facility", "queue"),
    level=QualityLevel.SILVER,
    level_at=_on(11, 22),
    offices=(
        OfficeStatus(
            id="pekauman",
            name=Text(id="Puskesmas Pekauman", en="Puskesmas Pekauman"),
            circuit=CircuitState.CLOSED,
            last_success_at=_on(11, 23, 9, 14),
            snapshots=(
                SnapshotStatus(
                    resource="queue",
                    state=SourceState.HELD,
                    fetched_at=_on(11, 23, 9, 13),
                    records=4,
                    set_aside=0,
                ),
            ),
        ),
    ),
)
