"""Normalises an adapter's wire records one by one; bad records are set aside and counted."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError

from adapters.contract import Bad, Reads
from adapters.errors import UnusableRecordError
from gateway.records.ids import RecordIds, RecordPlace
from schemas.quality import Quality, QualityCode
from schemas.records import Body, Provenance, Record
from schemas.texts import KEEP

B = TypeVar("B", bound=Body)

_MAX_REASONS: Final = 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """The system and office that answered, and when."""

    system: str
    office: str | None
    fetched_at: datetime
    as_of: datetime | None = None


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
    normalised: tuple[tuple[Body, tuple[Quality, ...]], ...] = field(repr=False)
    reasons: tuple[str, ...] = ()


def ignore_answer(_answer: NormalisedAnswer) -> None:
    """Do nothing: the default, without drift detection."""


class Normaliser:
    """Builds records: the adapter returns the body; we add id and provenance. `on_answer` gets each answer."""

    def __init__(self, ids: RecordIds, on_answer: Callable[[NormalisedAnswer], None] = ignore_answer) -> None:
        self._ids = ids
        self._on_answer = on_answer

    def make(
        self, row: Reads[Any, Any, Any, B, Any], items: Iterable[Any], origin: AnswerSource
    ) -> NormalisedRecords[B]:
        """Normalise `items`. Of records with the same key the first is kept; a later one that differs is set aside."""
        records: dict[str, Record[B]] = {}
        set_aside = 0
        wire_records, reasons = tuple(items), list[str]()
        for item in wire_records:
            record = self._one(row, item, origin)
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
        normalised = tuple((record.body, record.provenance.quality) for record in records.values())
        self._on_answer(NormalisedAnswer(origin.system, row.resource.name, wire_records, normalised, tuple(reasons)))
        return NormalisedRecords(tuple(records.values()), set_aside)

    def _one(self, row: Reads[Any, Any, Any, B, Any], item: Any, origin: AnswerSource) -> Record[B] | str:  # noqa: ANN401 - wire
        """Return the record, or the reason why it is set aside."""
        if isinstance(item, Bad):
            return item.reason
        try:
            return self._normalised(row, item, origin)
        except UnusableRecordError as error:
            return str(error)
        except ValidationError as error:
            # The message would contain the input; the error types do not.
            return ", ".join(sorted({problem["type"] for problem in error.errors()}))
        except Exception as error:  # noqa: BLE001 - an adapter's error on one record must not lose the others
            return f"adapter fault: {type(error).__name__}"

    def _normalised(self, row: Reads[Any, Any, Any, B, Any], item: Any, origin: AnswerSource) -> Record[B]:  # noqa: ANN401 - wire
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
        place = RecordPlace(row.resource.name, origin.system, origin.office, key)
        provenance = Provenance(
            system=origin.system,
            office=origin.office,
            fetched_at=origin.fetched_at,
            as_of=origin.as_of,
            quality=normalised.doubts,
        )
        return Record(
            id=self._ids.make(row.resource.prefix, place), key=key, body=normalised.body, provenance=provenance
        )

    @staticmethod
    def _log_reasons(row: Reads[Any, Any, Any, Any, Any], origin: AnswerSource, reasons: list[str]) -> None:
        """Log one line per reason: a list may contain thousands of bad records, and is fetched again within seconds."""
        source = {"system": origin.system, "office": origin.office, "resource": row.resource.name}
        for reason, count in Counter(reasons).most_common(_MAX_REASONS):
            _log.warning("record set aside", extra=source | {"reason": reason, "count": count})


def _mark_duplicate(record: Record[B]) -> Record[B]:
    doubt = Quality(code=QualityCode.ID_DUPLICATE)
    if doubt in record.provenance.quality:
        return record
    quality = (*record.provenance.quality, doubt)
    return Record(record.id, record.key, record.body, record.provenance.model_copy(update={"quality": quality}))
