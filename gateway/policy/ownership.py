"""The object-level rules, all of them: whose record may be seen by whom.

* anyone sees records without people, and the general part of those that their resource opens to all;
* a resident sees a record whose exact NIK equals their own verified NIK;
* an officer sees records of their own kelurahan, with a purpose, and nothing of a resource that is not for
  officers (health, bills);
* an operator sees no personal data (no rule gives them any).
"""

from typing import Any, TypeVar

from gateway.policy.narrowing import CallerView, PermittedQuery
from schemas.records import Body
from schemas.resources import Resource

B = TypeVar("B", bound=Body)


def open_to_all(resource: Resource[B, Any], body: B) -> bool:
    """Whether anyone may see the general part of this record."""
    if resource.owner is None:
        return True
    return resource.anyone_may_see is not None and resource.anyone_may_see(body)


def may_see(asked: PermittedQuery[Any, Any], body: Body) -> bool:
    """Whether the one who asked may see this record at all."""
    owner_of = asked.resource.owner
    if owner_of is None or asked.view is CallerView.PUBLIC:
        return open_to_all(asked.resource, body)
    owner = owner_of(body)
    if asked.view is CallerView.SELF:
        return asked.nik is not None and owner.nik == asked.nik
    if not asked.resource.for_officers:
        return False
    same_person = asked.nik is None or owner.nik == asked.nik
    return asked.region is not None and owner.region == asked.region and same_person
