"""Seals personal rows of a fed file per person until the next file: opening one seal reveals no other person's rows.

A record whose NIK is exact is sealed for that person. A record whose NIK was damaged is sealed separately, under the
part of the number that survives the damage (spreadsheets keep 15 digits): it is shown to no one, but the person to whom
it may belong is told that a link is missing. A record without any usable number is not held.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from gateway.ground.sealing import Sealer
from gateway.records.serialization import pack, unpack
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

_USE = "held-person"
_SURVIVING_DIGITS = 15


class PersonSeal:
    """Seals records per person, and opens those of one person."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def by_person(self, resource: Resource[B, Any], records: Iterable[Record[B]]) -> dict[str, bytes]:
        """Seal the records; the keys are fingerprints of the persons."""
        people: dict[str, list[Record[B]]] = {}
        for record in records:
            holder = self._holder(resource, record)
            if holder is not None:
                people.setdefault(holder, []).append(record)
        return {holder: self._seal(holder, own_records) for holder, own_records in people.items()}

    def of_person(self, resource: Resource[B, Any], sealed: dict[str, bytes], nik: str) -> tuple[Record[B], ...]:
        """The records held for the person with this exact NIK."""
        holder = self._exact(nik)
        return self._open(resource, holder, sealed[holder]) if holder in sealed else ()

    def doubtful(self, resource: Resource[B, Any], sealed: dict[str, bytes], nik: str) -> int:
        """The number of records with a damaged number that may belong to this person."""
        holder = self._damaged(nik)
        return len(self._open(resource, holder, sealed[holder])) if holder in sealed else 0

    def _holder(self, resource: Resource[B, Any], record: Record[B]) -> str | None:
        owner = resource.owner(record.body) if resource.owner else None
        if owner and owner.nik:
            return self._exact(owner.nik)
        damaged = next((number.value for number in _numbers(record.body) if not number.exact), None)
        return self._damaged(damaged) if damaged and len(damaged) > _SURVIVING_DIGITS else None

    def _exact(self, nik: str) -> str:
        return self._sealer.fingerprint("held-exact", nik)

    def _damaged(self, nik: str) -> str:
        return self._sealer.fingerprint("held-damaged", nik[:_SURVIVING_DIGITS])

    def _seal(self, holder: str, records: list[Record[B]]) -> bytes:
        return self._sealer.seal(_USE, pack(records), bound_to=holder)

    def _open(self, resource: Resource[B, Any], holder: str, sealed: bytes) -> tuple[Record[B], ...]:
        return tuple(unpack(resource, self._sealer.unseal(_USE, sealed, bound_to=holder)))


def _numbers(body: object) -> Iterable[Identifier]:
    """Every NIK in a body."""
    for name in type(body).model_fields if isinstance(body, Body) else ():
        value = getattr(body, name)
        found = getattr(value, "identifiers", None) or (value if isinstance(value, tuple) else ())
        yield from (n for n in found if isinstance(n, Identifier) and n.scheme is IdentifierScheme.NIK)
