"""From an adapter's wire records to records: normalised one by one, so that a bad one is set aside and counted."""

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

_MOST_REASONS: Final = 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """Which office of which system was asked, and when."""

    system: str
    office: str | None
    fetched_at: datetime
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class NormalisedRecords(Generic[B]):
    """Records, and how many were set aside."""

    records: tuple[Record[B], ...]
    set_aside: int


@dataclass(frozen=True, slots=True)
class NormalisedAnswer:
    """What came of one answer: its wire records, its bodies with their doubts, and why others were set aside."""

    system: str
    resource: str
    items: tuple[object, ...] = field(repr=False)
    made: tuple[tuple[Body, tuple[Quality, ...]], ...] = field(repr=False)
    reasons: tuple[str, ...] = ()


def ignore_answer(_noted: NormalisedAnswer) -> None:
    """Do nothing: drift is not watched."""


class Normaliser:
    """Makes records: body from the adapter, id and provenance from us."""

    def __init__(self, ids: RecordIds, notice: Callable[[NormalisedAnswer], None] = ignore_answer) -> None:
        self._ids = ids
        self._notice = notice

    def make(
        self, row: Reads[Any, Any, Any, B, Any], items: Iterable[Any], origin: AnswerSource
    ) -> NormalisedRecords[B]:
        """Normalise `items`. Of two records with one key the first counts; a second that differs is set aside."""
        records: dict[str, Record[B]] = {}
        set_aside = 0
        came, reasons = tuple(items), list[str]()
        for item in came:
            record = self._one(row, item, origin)
            if isinstance(record, str):
                set_aside += 1
                reasons.append(record)
            elif record.id not in records:
                records[record.id] = record
            elif records[record.id].body != record.body:
                set_aside += 1
                records[record.id] = _doubled(records[record.id])
        if reasons:
            self._note(row, origin, reasons)
        made = tuple((record.body, record.provenance.quality) for record in records.values())
        self._notice(NormalisedAnswer(origin.system, row.resource.name, came, made, tuple(reasons)))
        return NormalisedRecords(tuple(records.values()), set_aside)

    def _one(self, row: Reads[Any, Any, Any, B, Any], item: Any, origin: AnswerSource) -> Record[B] | str:  # noqa: ANN401 - wire
        """The record, or why it is set aside."""
        if isinstance(item, Bad):
            return item.reason
        try:
            return self._normalised(row, item, origin)
        except UnusableRecordError as error:
            return str(error)
        except ValidationError as error:
            # The message would hold the input; the kinds of error do not.
            return ", ".join(sorted({problem["type"] for problem in error.errors()}))
        except Exception as error:  # noqa: BLE001 - a fault of an adapter on one record must not cost the others
            return f"adapter fault: {type(error).__name__}"

    def _normalised(self, row: Reads[Any, Any, Any, B, Any], item: Any, origin: AnswerSource) -> Record[B]:  # noqa: ANN401 - wire
        normal = row.normalise(item)
        key = row.key(item)
        # Types say the same, but nothing checks the types of an adapter that was installed.
        given: tuple[object, object] = (normal.body, key)
        if not (isinstance(given[0], row.resource.body) and isinstance(given[1], str) and key):
            raise UnusableRecordError("the adapter gave another body than its resource's, or no key")
        if row.feed is not None:
            # A snapshot is kept as JSON: one text that is no Unicode would cost all of it.
            key.encode()
            normal.body.model_dump_json(context=KEEP)
        place = RecordPlace(row.resource.name, origin.system, origin.office, key)
        provenance = Provenance(
            system=origin.system,
            office=origin.office,
            fetched_at=origin.fetched_at,
            as_of=origin.as_of,
            quality=normal.doubts,
        )
        return Record(id=self._ids.make(row.resource.prefix, place), key=key, body=normal.body, provenance=provenance)

    @staticmethod
    def _note(row: Reads[Any, Any, Any, Any, Any], origin: AnswerSource, reasons: list[str]) -> None:
        """One line for each reason: a list may have thousands of bad records, and comes again within seconds."""
        where = {"system": origin.system, "office": origin.office, "resource": row.resource.name}
        for reason, count in Counter(reasons).most_common(_MOST_REASONS):
            _log.warning("record set aside", extra=where | {"reason": reason, "count": count})


def _doubled(record: Record[B]) -> Record[B]:
    doubt = Quality(code=QualityCode.ID_DUPLICATE)
    if doubt in record.provenance.quality:
        return record
    quality = (*record.provenance.quality, doubt)
    return Record(record.id, record.key, record.body, record.provenance.model_copy(update={"quality": quality}))
