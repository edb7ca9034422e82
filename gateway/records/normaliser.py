"""Normalises an adapter's wire records one by one; bad records are set aside and counted."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from adapters.contract import Bad, Batch, Reads
from adapters.errors import UnusableRecordError
from gateway.records.ids import RecordIds, RecordPlace
from schemas.doubts import Doubt, DoubtCode
from schemas.records import Body, Provenance, Record
from schemas.references import AgencyReference, Reference, RefersTo
from schemas.texts import KEEP

B = TypeVar("B", bound=Body)

_MAX_REASONS: Final = 20
_REFERRED_IDS: Final = 4096

_log = logging.getLogger(__name__)


class DatedItem(NamedTuple):
    """A wire record, and the time of its data as its own page or file states it."""

    item: Any
    as_of: datetime | None


def dated(batch: Batch[Any]) -> Iterator[DatedItem]:
    """Return the records of a batch, each with the batch's own time."""
    return (DatedItem(item, batch.as_of) for item in batch.items)


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """The system and office that answered, and when."""

    system: str
    office: str | None
    fetched_at: datetime

    def provenance(self, as_of: datetime | None) -> Provenance:
        """Return the provenance of the records whose data is of this time; they share it."""
        return Provenance(system=self.system, office=self.office, fetched_at=self.fetched_at, as_of=as_of)


@dataclass(frozen=True, slots=True)
class NormalisedRecords(Generic[B]):
    """The normalised records, and the number of wire records that were set aside."""

    records: tuple[Record[B], ...]
    set_aside: int


@dataclass(frozen=True, slots=True)
class NormalisedAnswer:
    """An answer for drift detection: wire records, normalised bodies with doubts, and reasons for rejected ones."""

    system: str
    resource: str
    items: tuple[object, ...] = field(repr=False)
    normalised: tuple[tuple[Body, tuple[Doubt, ...]], ...] = field(repr=False)
    reasons: tuple[str, ...] = ()


def ignore_answer(_answer: NormalisedAnswer) -> None:
    """Do nothing: the default, without drift detection."""


class Normaliser:
    """Builds records: the adapter returns the body; we add id, provenance and references.

    `complete_agency` completes a reference to an agency. `on_answer` gets each answer.
    """

    def __init__(
        self,
        ids: RecordIds,
        on_answer: Callable[[NormalisedAnswer], None] = ignore_answer,
        complete_agency: Callable[[AgencyReference], AgencyReference] = lambda reference: reference,
    ) -> None:
        self._ids = ids
        self._on_answer = on_answer
        self._complete_agency = complete_agency
        # Many records refer to few others, such as the services of an office. Those are of public resources.
        self._referred_id = lru_cache(_REFERRED_IDS)(ids.make)
        self.counts: dict[tuple[str, str], list[int]] = {}
        """Records that were made and items that were set aside since the start, by system and resource."""

    def make(
        self, row: Reads[Any, Any, Any, B, Any], items: Iterable[DatedItem], origin: AnswerSource
    ) -> NormalisedRecords[B]:
        """Normalise `items`. Of records with the same key the first is kept; a later one that differs is set aside."""
        records: dict[str, Record[B]] = {}
        set_aside = 0
        dated_items, reasons = tuple(items), list[str]()
        # By identity, since equal times may be written in different zones.
        provenances: dict[int, Provenance] = {}
        for item, as_of in dated_items:
            provenance = provenances.get(id(as_of))
            if provenance is None:
                provenance = provenances[id(as_of)] = origin.provenance(as_of)
            record = self._one(row, item, provenance)
            if isinstance(record, str):
                set_aside += 1
                reasons.append(record)
            elif record.id not in records:
                records[record.id] = record
            elif records[record.id].body != record.body:
                set_aside += 1
                records[record.id] = _mark_duplicate(records[record.id])
        if reasons:
            self._log_reasons(row, origin, reasons)
        normalised = tuple((record.body, record.doubts) for record in records.values())
        wire_records = tuple(dated_item.item for dated_item in dated_items)
        self._on_answer(NormalisedAnswer(origin.system, row.resource.name, wire_records, normalised, tuple(reasons)))
        counts = self.counts.setdefault((origin.system, row.resource.name), [0, 0])
        counts[0] += len(records)
        counts[1] += set_aside
        return NormalisedRecords(tuple(records.values()), set_aside)

    def _one(
        self,
        row: Reads[Any, Any, Any, B, Any],
        item: Any,  # noqa: ANN401 - wire
        provenance: Provenance,
    ) -> Record[B] | str:
        """Return the record, or the reason why it is set aside."""
        if isinstance(item, Bad):
            return item.reason
        try:
            return self._normalised(row, item, provenance)
        except UnusableRecordError as error:
            return str(error)
        except ValidationError as error:
            # The message would contain the input; the error types do not.
            return ", ".join(sorted({problem["type"] for problem in error.errors()}))
        except Exception as error:  # noqa: BLE001 - an adapter's error on one record must not lose the others
            return f"adapter fault: {type(error).__name__}"

    def _normalised(
        self,
        row: Reads[Any, Any, Any, B, Any],
        item: Any,  # noqa: ANN401 - wire
        provenance: Provenance,
    ) -> Record[B]:
        normalised = row.normalise(item)
        key = row.key(item)
        # An installed third-party adapter may not have been type-checked.
        returned: tuple[object, object] = (normalised.body, key)
        if not (isinstance(returned[0], row.resource.body) and isinstance(returned[1], str) and key):
            raise UnusableRecordError("the adapter returned a body of another resource, or no key")
        if row.feed is not None:
            # A snapshot is stored as JSON: a text that cannot be encoded would lose the whole snapshot.
            key.encode()
            normalised.body.model_dump_json(context=KEEP)
        place = RecordPlace(row.resource.name, provenance.system, provenance.office, key)
        return Record(
            id=self._ids.make(row.resource.prefix, place),
            key=key,
            body=self._with_references(normalised.body, place),
            provenance=provenance,
            doubts=normalised.doubts,
        )

    def _with_references(self, body: B, place: RecordPlace) -> B:
        """Complete the reference to the agency, and replace the keys of other records by their public ids."""
        changes: dict[str, object] = {}
        agency = getattr(body, "agency", None)
        if isinstance(agency, AgencyReference) and (completed := self._complete_agency(agency)) is not agency:
            changes["agency"] = completed
        for name, target in _references(type(body)).items():
            value = getattr(body, name)
            if isinstance(value, tuple):
                changes[name] = tuple(self._with_public_id(reference, target, place) for reference in value)
            elif value is not None:
                changes[name] = self._with_public_id(value, target, place)
        return body.model_copy(update=changes) if changes else body

    def _with_public_id(self, reference: Reference, target: RefersTo, place: RecordPlace) -> Reference:
        """Replace the key in a reference, if there is one, by the public id of that record."""
        if reference.id is None:
            return reference
        other = RecordPlace(target.resource, place.system, place.office, reference.id)
        return Reference(id=self._referred_id(target.prefix, other), name=reference.name)

    @staticmethod
    def _log_reasons(row: Reads[Any, Any, Any, Any, Any], origin: AnswerSource, reasons: list[str]) -> None:
        """Log one line per reason: a list may contain thousands of bad records, and is fetched again within seconds."""
        source = {"system": origin.system, "office": origin.office, "resource": row.resource.name}
        for reason, count in Counter(reasons).most_common(_MAX_REASONS):
            _log.warning("record set aside", extra=source | {"reason": reason, "count": count})


@cache
def _references(body: type[Body]) -> dict[str, RefersTo]:
    """Return the fields of a body that refer to other records."""
    return {
        name: declared
        for name, info in body.model_fields.items()
        for declared in info.metadata
        if isinstance(declared, RefersTo)
    }


def _mark_duplicate(record: Record[B]) -> Record[B]:
    doubt = Doubt(code=DoubtCode.ID_DUPLICATE)
    return record if doubt in record.doubts else replace(record, doubts=(*record.doubts, doubt))
