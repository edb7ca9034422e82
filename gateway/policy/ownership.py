"""The object-level access rules: which caller may see which record.

* anyone sees records without people, and the general part of records that their resource opens to all;
* a resident sees a record whose exact NIK equals their own verified NIK;
* an officer sees records of their own region (a kelurahan, or a kecamatan with all of its kelurahan), with a purpose,
  and nothing of a resource that is not for officers (health, bills);
* an operator sees no personal data (no rule grants them any).
"""

from typing import Any, TypeVar

from gateway.policy.narrowing import CallerView, PermittedQuery
from schemas.filters import in_region
from schemas.records import Body
from schemas.resources import Resource

B = TypeVar("B", bound=Body)


def open_to_all(resource: Resource[B, Any], body: B) -> bool:
    """Whether anyone may see the general part of this record."""
    if resource.owner is None:
        return True
    return resource.anyone_may_see is not None and resource.anyone_may_see(body)


def may_see(permitted: PermittedQuery[Any, Any], body: Body) -> bool:
    """Whether the caller may see this record at all."""
    owner_of = permitted.resource.owner
    if owner_of is None or permitted.view is CallerView.PUBLIC:
        return open_to_all(permitted.resource, body)
    owner = owner_of(body)
    if permitted.view is CallerView.SELF:
        return permitted.nik is not None and owner.nik == permitted.nik
    if not permitted.resource.for_officers:
        return False
    same_person = permitted.nik is None or owner.nik == permitted.nik
    return permitted.region is not None and in_region(owner.region, permitted.region) and same_person
