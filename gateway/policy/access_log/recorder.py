"""Builds access log entries: one for each person whose data was requested."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
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
    """Builds access entries; an `AccessLog` stores them."""

    def __init__(self, *, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock

    def person_fingerprint(self, nik: str | None) -> str | None:
        """The fingerprint under which a person's entries are stored."""
        return self._sealer.fingerprint(_FINGERPRINT, nik) if nik else None

    def entries_for_shown(
        self,
        permitted: PermittedQuery[B, Any],
        shown: tuple[Record[B], ...],
        occasion: AccessContext,
        systems: tuple[str, ...],
        result: str = "shown",
    ) -> tuple[AccessLogEntry, ...]:
        """One entry for each person whose data is shown; one with count 0 when no record is shown."""
        owner_of = permitted.resource.owner
        counts: dict[str | None, int] = {}
        for record in shown:
            nik = owner_of(record.body).nik if owner_of else None
            counts[nik] = counts.get(nik, 0) + 1
        entries = (
            self._entry(permitted, nik, occasion, systems, count=count, result=result if count else "nothing-found")
            for nik, count in (counts or {permitted.nik: 0}).items()
        )
        return tuple(entry for entry in entries if entry)

    def entries_for_nothing_shown(
        self,
        permitted: PermittedQuery[B, Any],
        occasion: AccessContext,
        systems: tuple[str, ...],
        result: str,
        about: Iterable[B],
    ) -> tuple[AccessLogEntry, ...]:
        """One entry for each person whose records were refused, or for the person for whom no record was found."""
        owner_of = permitted.resource.owner
        people = {owner_of(body).nik for body in about if owner_of} or {permitted.nik}
        entries = (self._entry(permitted, nik, occasion, systems, count=0, result=result) for nik in people)
        return tuple(entry for entry in entries if entry)

    def entry_for_own_account(
        self, principal: Principal, occasion: AccessContext, *, resource: str, count: int
    ) -> AccessLogEntry:
        """The entry for viewing one's own account data in the gateway: access log, sessions, consents."""
        return AccessLogEntry(
            at=self._clock(),
            principal=principal.account_id,
            client=principal.client_id,
            acr=principal.acr,
            role=min(principal.roles, default=Role.RESIDENT),
            subject=principal.account_id,
            subject_fingerprint=self.person_fingerprint(principal.nik),
            purpose=Purpose.OWN_ACCESS,
            occasion=occasion,
            resource=resource,
            systems=(),
            records=count,
            classes=(DataClass.GENERAL,),
            result="shown",
        )

    def entry_for_refusal(self, principal: Principal, refusal: Refusal, occasion: AccessContext) -> AccessLogEntry:
        """The entry for a request for personal data that was refused before any request to a system."""
        return AccessLogEntry(
            at=self._clock(),
            principal=principal.account_id,
            client=principal.client_id,
            acr=principal.acr,
            role=min(principal.roles, default=Role.RESIDENT),
            subject=principal.account_id if refusal.own else None,
            subject_fingerprint=self.person_fingerprint(refusal.nik),
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
        permitted: PermittedQuery[B, Any],
        nik: str | None,
        occasion: AccessContext,
        systems: tuple[str, ...],
        *,
        count: int,
        result: str,
    ) -> AccessLogEntry | None:
        principal = permitted.principal
        if principal is None or permitted.purpose is None:
            return None
        own = permitted.view is CallerView.SELF
        return AccessLogEntry(
            at=self._clock(),
            principal=principal.account_id,
            client=principal.client_id,
            acr=principal.acr,
            role=acting_role(permitted.view),
            subject=principal.account_id if own and nik == permitted.nik else None,
            subject_fingerprint=self.person_fingerprint(nik),
            purpose=permitted.purpose,
            occasion=occasion,
            resource=permitted.resource.name,
            systems=systems,
            records=count,
            classes=_in_order(permitted.classes),
            result=result,
        )


@cache
def _in_order(classes: frozenset[DataClass]) -> tuple[DataClass, ...]:
    """Return data classes in the order of their definition."""
    return tuple(one for one in DataClass if one in classes)


def acting_role(view: CallerView) -> Role:
    """The role in which the caller sees records of people."""
    return Role.OFFICER if view is CallerView.OFFICER else Role.RESIDENT
