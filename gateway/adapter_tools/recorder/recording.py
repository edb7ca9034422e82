"""Calls a live system as the gateway does, and makes fixtures of its answers: all of them, or none."""

import importlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from adapters.contract import Bad, Batch, Call, Subject
from adapters.errors import AdapterError
from gateway.adapter_tools.recorder.documents import RewrittenAnswer, UnjudgedError, rewrite_answer
from gateway.adapter_tools.recorder.final_scan import refuse_survivors
from gateway.adapter_tools.recorder.golden_pairs import (
    GoldenPair,
    Row,
    UnwritableError,
    canonical,
    document,
    fault_location,
    pair_of,
)
from gateway.adapter_tools.recorder.replacer import Replacer
from gateway.adapter_tools.recorder.standins import StandIns
from gateway.adapter_tools.recorder.tap import Tap
from gateway.adapter_tools.recorder.vocabulary import common_words, model_words, source_words
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.ground.errors import GerbangError
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from gateway.shared.memory import MemoryShared
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams

_WITHIN: Final = timedelta(seconds=60)


class RecordingError(GerbangError):
    """Nothing can be recorded; the message gives the reason in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRequest:
    """A recording: the row, the person, the number of records, and the columns without personal data."""

    row: Row
    office: Office
    subject: Subject | None = field(default=None, repr=False)
    case: str = "recorded"
    most: int = 5
    plain: frozenset[str] = frozenset()


@dataclass(slots=True)
class RecordedFixtures:
    """Fixtures by file name, and the left-out ones with the reason."""

    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    left_out: list[str] = field(default_factory=list)


def row_of(live: LiveSystem, resource: str | None) -> Row:
    """The row to record: the only one, or the one of this resource. Raises `RecordingError`."""
    rows = [row for row in live.spec.reads if resource in (None, row.resource.name)]
    if not rows or (resource is None and len({row.resource.name for row in rows}) > 1):
        names = ", ".join(dict.fromkeys(row.resource.name for row in live.spec.reads))
        raise RecordingError(f"Name the resource of {live.spec.id} to record: {names}.")
    return next((row for row in rows if row.ask is not None), rows[0])


def office_of(live: LiveSystem, office_id: str | None) -> Office:
    """The office to call: the only one, or the one with this id. Raises `RecordingError`."""
    found = live.offices[0] if office_id is None and len(live.offices) == 1 else live.office(office_id)
    if found is None:
        names = ", ".join(str(office.id) for office in live.offices)
        raise RecordingError(f"Name the office of {live.spec.id} to call: {names}.")
    return found


async def record(live: LiveSystem, request: RecordingRequest, key: bytes) -> RecordedFixtures:
    """Call the system, and make fixtures. Raises `RecordingError`; `SurvivedError` if personal data would remain."""
    tap = Tap()
    records = await _call_system(live, request, tap)
    vocabulary = common_words() | model_words(request.row.resource.body) | source_words(_sources(live))
    standins = StandIns(key)
    replacer = Replacer(standins, vocabulary, now().date(), request.plain)
    for wire in records:
        replacer.learn(document(wire))
        replacer.learn(canonical(request.row, wire))
    fixtures = RecordedFixtures()
    pairs = _pairs(request, records, replacer, fixtures)
    answers = _answers(request, tap, replacer, fixtures)
    texts = [text for pair in pairs.values() for text in (pair.wire, pair.result)]
    texts += [text for answer in answers.values() for text in answer.texts]
    subject = request.subject
    known = (subject.nik, subject.kk, subject.phone) if subject else ()
    refuse_survivors(texts, standins, vocabulary | replacer.declared, [number for number in known if number])
    for name, pair in pairs.items():
        fixtures.files |= {f"{name}.in.json": pair.wire.encode(), f"{name}.out.json": pair.result.encode()}
    fixtures.files |= {f"answers/{name}.{answer.ending}": answer.content for name, answer in answers.items()}
    if not fixtures.files:
        raise RecordingError(f"Nothing was recorded: {live.spec.id} returned no answer that can be saved.")
    return fixtures


def _pairs(
    request: RecordingRequest, records: list[BaseModel], replacer: Replacer, fixtures: RecordedFixtures
) -> dict[str, GoldenPair]:
    found: dict[str, GoldenPair] = {}
    for number, wire in enumerate(records, 1):
        name = f"{request.row.resource.name}-{request.case}-{number}"
        try:
            found[name] = pair_of(request.row, wire, replacer)
        except UnwritableError as error:
            fixtures.left_out.append(f"{name}: {error}")
    return found


def _answers(
    request: RecordingRequest, tap: Tap, replacer: Replacer, fixtures: RecordedFixtures
) -> dict[str, RewrittenAnswer]:
    found: dict[str, RewrittenAnswer] = {}
    for number, content in enumerate(tap.answers, 1):
        name = f"{request.row.resource.name}-{request.case}-{number}"
        try:
            found[name] = rewrite_answer(content, replacer)
        except UnjudgedError as error:
            fixtures.left_out.append(f"answers/{name}: {error}")
    return found


async def _call_system(live: LiveSystem, request: RecordingRequest, tap: Tap) -> list[BaseModel]:
    upstreams = Upstreams(MemoryShared(), now, UpstreamSettings(), read_only=True)
    found: list[BaseModel] = []
    try:
        call: Call[Any, Any] = upstreams.call(
            live.spec,
            request.office.id,
            request.office.settings,
            request.row.transport,
            deadline=Deadline.after(_WITHIN),
            subject=request.subject,
        )
        async with aclosing(_batches(request.row, tap.tapped(call))) as batches:
            async for batch in batches:
                found += [item for item in batch.items if not isinstance(item, Bad)]
                if len(found) >= request.most:
                    break
    except AdapterError as error:
        raise RecordingError(f"{live.spec.id} could not be asked: {error.reason}.") from None
    except Exception as error:  # noqa: BLE001 - its text may contain received values
        raise RecordingError(f"The adapter {live.spec.id} fails: {fault_location(error)}.") from None
    finally:
        await upstreams.aclose()
    return found[: request.most]


async def _batches(row: Row, call: Call[Any, Any]) -> AsyncGenerator[Batch[Any]]:
    """The pages of a query, or the batches of a feed."""
    if row.feed is not None:
        async for batch in row.feed(call, None):
            yield batch
        return
    mark: str | None = None
    while row.ask is not None:
        batch = await row.ask(call, row.resource.query(), mark)
        yield batch
        mark = batch.next
        if mark is None:
            return


def _sources(live: LiveSystem) -> Path:
    """The folder of the adapter's package."""
    package = importlib.import_module(live.spec.settings.__module__.rpartition(".")[0])
    return Path(package.__path__[0])


def save(into: Path, files: Mapping[str, bytes]) -> None:
    """Write the fixtures, all of them or none; existing files are never overwritten. Raises `RecordingError`."""
    taken = next((name for name in sorted(files) if (into / name).exists()), None)
    if taken is not None:
        raise RecordingError(f"{taken} already exists in {into}: choose another --case.")
    written: list[Path] = []
    try:
        for name, content in files.items():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            written.append(into / name)
            (into / name).write_bytes(content)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise RecordingError(f"The fixtures cannot be written into {into}: {error.strerror}.") from None
