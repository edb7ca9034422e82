"""What an access puts on record: one entry for each person whose data was asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.policy.access_log.entries import AccessContext, AccessLogEntry
from gateway.policy.narrowing import CallerView, PermittedQuery
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import Purpose
from schemas.classes import DataClass
from schemas.records import Body, Record

B = TypeVar("B", bound=Body)

_FINGERPRINT: Final = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request for personal data that was refused. `own`: for data of the caller; `nik`: whose data it was for."""

    resource: str
    purpose: str
    own: bool
    nik: str | None = field(default=None, repr=False)


class AccessRecorder:
    """Makes access entries; writing them is the log's."""

    def __init__(self, *, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock

    def person(self, nik: str | None) -> str | None:
        """The fingerprint by which a person's entries are found again."""
        return self._sealer.fingerprint(_FINGERPRINT, nik) if nik else None

    def shown(
        self,
        asked: PermittedQuery[B, Any],
        shown: tuple[Record[B], ...],
        occasion: AccessContext,
        systems: tuple[str, ...],
        result: str = "shown",
    ) -> tuple[AccessLogEntry, ...]:
        """One entry for each person whose data is shown; one with no records when nobody's is."""
        owner_of = asked.resource.owner
        counts: dict[str | None, int] = {}
        for record in shown:
            nik = owner_of(record.body).nik if owner_of else None
            counts[nik] = counts.get(nik, 0) + 1
        entries = (
            self._entry(asked, nik, occasion, systems, count=count, result=result if count else "nothing-found")
            for nik, count in (counts or {asked.nik: 0}).items()
        )
        return tuple(entry for entry in entries if entry)

    def nothing_shown(
        self,
        asked: PermittedQuery[B, Any],
        occasion: AccessContext,
        systems: tuple[str, ...],
        result: str,
        about: Iterable[B],
    ) -> tuple[AccessLogEntry, ...]:
        """One entry for each person about whom something was refused, or whose data was looked for in vain."""
        owner_of = asked.resource.owner
        people = {owner_of(body).nik for body in about if owner_of} or {asked.nik}
        entries = (self._entry(asked, nik, occasion, systems, count=0, result=result) for nik in people)
        return tuple(entry for entry in entries if entry)

    def own_account(
        self, principal: Principal, occasion: AccessContext, *, resource: str, count: int
    ) -> AccessLogEntry:
        """Somebody looked at what the gateway itself keeps about them: their own access log, sessions, consents."""
        return AccessLogEntry(
            at=self._clock(),
            principal=principal.account_id,
            client=principal.client_id,
            acr=principal.acr,
            role=min(principal.roles, default=Role.RESIDENT),
            subject=principal.account_id,
            subject_fingerprint=self.person(principal.nik),
            purpose=Purpose.OWN_ACCESS,
            occasion=occasion,
            resource=resource,
            systems=(),
            records=count,
            classes=(DataClass.GENERAL,),
            result="shown",
        )

    def refused(self, principal: Principal, refusal: Refusal, occasion: AccessContext) -> AccessLogEntry:
        """Somebody asked for personal data and was refused before any system was asked."""
        return AccessLogEntry(
            at=self._clock(),
            principal=principal.account_id,
            client=principal.client_id,
            acr=principal.acr,
            role=min(principal.roles, default=Role.RESIDENT),
            subject=principal.account_id if refusal.own else None,
            subject_fingerprint=self.person(refusal.nik),
            purpose=refusal.purpose,
            occasion=occasion,
            resource=refusal.resource,
            systems=(),
            records=0,
            classes=(),
            result="refused",
        )

    def _entry(
        self,
        asked: PermittedQuery[B, Any],
        nik: str | None,
        occasion: AccessContext,
        systems: tuple[str, ...],
        *,
        count: int,
        result: str,
    ) -> AccessLogEntry | None:
        principal = asked.principal
        if principal is None or asked.purpose is None:
            return None
        own = asked.view is CallerView.SELF
        return AccessLogEntry(
            at=self._clock(),
            principal=principal.account_id,
            client=principal.client_id,
            acr=principal.acr,
            role=acting_role(asked.view),
            subject=principal.account_id if own and nik == asked.nik else None,
            subject_fingerprint=self.person(nik),
            purpose=asked.purpose,
            occasion=occasion,
            resource=asked.resource.name,
            systems=systems,
            records=count,
            classes=tuple(sorted(asked.classes, key=list(DataClass).index)),
            result=result,
        )


def acting_role(view: CallerView) -> Role:
    """In which role somebody sees records of people."""
    return Role.OFFICER if view is CallerView.OFFICER else Role.RESIDENT
