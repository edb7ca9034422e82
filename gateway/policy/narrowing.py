"""`narrow_*`: turn caller and query into a permitted query with the data classes that the caller may see, or refuse."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from gateway.ground.errors import GerbangError
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import OFFICER_PURPOSES, Purpose
from gateway.policy.scopes import RELEASE_SCOPE
from schemas.classes import DataClass
from schemas.filters import in_region
from schemas.records import Body
from schemas.resources import Query, Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


class RefusedError(GerbangError):
    """Policy does not allow the query. `resource` and `nik` name its target, as far as known."""

    def __init__(self, message: str, *, resource: str | None = None, nik: str | None = None) -> None:
        super().__init__(message)
        self.resource = resource
        self.nik = nik


class PurposeMissingError(RefusedError):
    """An officer named no purpose."""


class RoleRefusedError(RefusedError):
    """The caller's role has no access to this resource."""


class RegionRefusedError(RefusedError):
    """An officer filters by a `region` outside their own."""


class CallerView(StrEnum):
    """The relation of the caller to the records."""

    PUBLIC = "public"
    SELF = "self"
    OFFICER = "officer"


_VISIBLE: dict[CallerView, frozenset[DataClass]] = {
    CallerView.PUBLIC: frozenset({DataClass.GENERAL}),
    CallerView.SELF: frozenset(DataClass),
    CallerView.OFFICER: frozenset({DataClass.GENERAL, DataClass.PERSONAL}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PermittedQuery(Generic[B, Q]):
    """A query that policy has allowed, with the terms for disclosing its answer.

    `shown_as` is the generic body in a list of a generic resource: only its fields of a profile are shown.
    """

    resource: Resource[B, Q]
    query: Q
    view: CallerView
    principal: Principal | None
    purpose: Purpose | None
    nik: str | None = field(default=None, repr=False)
    region: str | None = None
    shown_as: type[Body] | None = None

    @property
    def classes(self) -> frozenset[DataClass]:
        """The data classes that this view may see."""
        return _VISIBLE[self.view]

    @property
    def releases_numbers(self) -> bool:
        """Whether NIK and KK are shown in full: only one's own, and only by the explicit scope."""
        return self.view is CallerView.SELF and self.principal is not None and RELEASE_SCOPE in self.principal.scopes


def narrow_public(resource: Resource[B, Q], query: Q) -> PermittedQuery[B, Q]:
    """Permit a query of public records, for any caller."""
    if not resource.public:
        raise RoleRefusedError(f"{resource.name} is not public")
    return PermittedQuery(resource=resource, query=query, view=CallerView.PUBLIC, principal=None, purpose=None)


def narrow_own(principal: Principal, resource: Resource[B, Q], query: Q) -> PermittedQuery[B, Q]:
    """Permit a resident's query of their own records."""
    check_resident(principal, resource.name)
    return PermittedQuery(
        resource=resource,
        query=query,
        view=CallerView.SELF,
        principal=principal,
        purpose=Purpose.OWN_ACCESS,
        nik=principal.nik,
    )


def check_resident(principal: Principal, resource: str | None = None) -> None:
    """Raise `RoleRefusedError` for a caller who is no resident: only residents have records of their own."""
    if Role.RESIDENT not in principal.roles:
        raise RoleRefusedError("only a resident has records of their own", resource=resource)


def narrow_office(
    principal: Principal, resource: Resource[B, Q], query: Q, purpose: Purpose | None
) -> PermittedQuery[B, Q]:
    """Permit an officer's query, narrowed to their own region, or to a part of it that the query names.

    A query that names another region is refused: the officer's own records would look like those of the other
    region, and an empty answer would look as if it had none.
    """
    _check_officer(principal, purpose, resource.name)
    asked: str | None = getattr(query, "region", None)
    if asked is not None and not in_region(asked, principal.region):
        raise RegionRefusedError("an officer may ask about their own region only", resource=resource.name)
    narrowed = query.model_copy(update={"region": asked or principal.region})
    return PermittedQuery(
        resource=resource,
        query=narrowed,
        view=CallerView.OFFICER,
        principal=principal,
        purpose=purpose,
        region=principal.region,
    )


def narrow_lookup(
    principal: Principal, resource: Resource[B, Q], query: Q, purpose: Purpose | None, *, nik: str
) -> PermittedQuery[B, Q]:
    """Permit an officer's query about one person; only people of their own region are disclosed."""
    _check_officer(principal, purpose, resource.name, nik)
    return PermittedQuery(
        resource=resource,
        query=query,
        view=CallerView.OFFICER,
        principal=principal,
        purpose=purpose,
        nik=nik,
        region=principal.region,
    )


def _check_officer(principal: Principal, purpose: Purpose | None, resource: str, nik: str | None = None) -> None:
    if Role.OFFICER not in principal.roles or principal.region is None:
        raise RoleRefusedError("only an officer of a kelurahan may ask about others", resource=resource, nik=nik)
    if purpose not in OFFICER_PURPOSES:
        raise PurposeMissingError("an officer must name a purpose", resource=resource, nik=nik)
