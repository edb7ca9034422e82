"""Builds the document's examples from synthetic records, with the same masks as real answers."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from gateway.api.sources import PublicSources, public_sources
from gateway.ground.clock import WITA
from gateway.policy.masks import mask
from gateway.policy.narrowing import CallerView, PermittedQuery
from schemas.classes import Classed
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.records import Body, Provenance
from schemas.resources import Resource
from schemas.texts import Language, Text

AT: Final = datetime(2026, 11, 23, 9, 14, 3, tzinfo=WITA)
"""The time of every example."""

_TEMPORARY: Final = frozenset({Cause.TIMEOUT, Cause.UNAVAILABLE, Cause.CIRCUIT_OPEN, Cause.QUOTA_SPENT})

_TITLES: Final = {
    "atcs": Text(id="ATCS: kamera dan arus lalu lintas"),
    "example-system": Text(id="Contoh sistem"),
    "dukcapil": Text(id="Dukcapil: layanan data kependudukan"),
    "e-kelurahan": Text(id="e-Kelurahan: surat-menyurat kelurahan"),
    "e-puskesmas": Text(id="e-Puskesmas: pendaftaran dan antrean"),
    "konsultasi-publik": Text(id="Konsultasi Publik"),
    "lapor": Text(id="LAPOR: pengaduan masyarakat"),
    "pbb": Text(id="PBB-P2: tagihan Pajak Bumi dan Bangunan"),
    "pekauman": Text(id="Puskesmas Pekauman"),
    "rtmc": Text(id="RTMC Polda Kalsel: keadaan lalu lintas"),
    "sipd-rkpd": Text(id="SIPD: rencana kerja dan usulan"),
    "trans-banjarmasin": Text(id="Trans Banjarmasin: bus dan kelotok"),
    "wirausaha-baru": Text(id="Wirausaha Baru"),
}
"""The titles of the systems and offices in the examples."""

ExampleRecord = tuple[Resource[Any, Any], Body, OfficeSource]
"""The record of an example: its resource, its body, and its source."""


def opaque(prefix: str, key: str) -> str:
    """Return an id or cursor that looks like a real one."""
    return f"{prefix}_{blake2b(key.encode(), digest_size=20).hexdigest()}"


def as_json(value: Classed, *, sparse: bool = False) -> dict[str, Any]:
    """Return a value as callers get it, in Indonesian; with `sparse`, without null fields."""
    fields: dict[str, Any] = json.loads(value.model_dump_json(exclude_none=sparse))
    return fields


def source(
    system: str, office: str | None = None, *, state: SourceState = SourceState.FRESH, items: int = 1
) -> OfficeSource:
    """Return a source that contributed."""
    return OfficeSource(system=system, office=office, state=state, fetched_at=AT, items=items, set_aside=0)


def failed(system: str, office: str | None = None, *, cause: Cause = Cause.TIMEOUT) -> OfficeSource:
    """Return a source that failed, with `retry_at` if the cause is temporary."""
    retry_at = AT + timedelta(seconds=30) if cause in _TEMPORARY else None
    return OfficeSource(system=system, office=office, state=SourceState.FAILED, cause=cause, retry_at=retry_at)


def item(example: ExampleRecord, view: CallerView, *, own: bool = False) -> dict[str, Any]:
    """Return a record as shown in this view; with `own`, as one of the caller's own records."""
    resource, body, source_state = example
    permitted = PermittedQuery(
        resource=resource,
        query=resource.query(),
        view=CallerView.PUBLIC if resource.public and not own else view,
        principal=None,
        purpose=None,
    )
    shown = mask(body, permitted.classes, release_numbers=permitted.releases_numbers)
    provenance = Provenance(system=source_state.system, office=source_state.office, fetched_at=AT)
    identity = {"resource": resource.name, "id": opaque(resource.prefix, resource.name)}
    return {**identity, **as_json(shown), "doubts": [], "provenance": as_json(provenance)}


def example_sources(sources: tuple[OfficeSource, ...]) -> PublicSources:
    """Return these sources as answers contain them, in Indonesian."""
    return public_sources(sources, _title_of, Language.INDONESIAN)


def _title_of(system: str, office: str | None) -> Text:
    return _TITLES[system if office is None else office]


def _contributions(sources: tuple[OfficeSource, ...]) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(b"{" + example_sources(sources).json_members() + b"}")
    return members


def envelope(
    items: Iterable[dict[str, Any]], sources: tuple[OfficeSource, ...], cursor: str | None = None
) -> dict[str, Any]:
    """Return the list envelope around items."""
    return {"items": list(items), "next": cursor, **_contributions(sources)}


def page(
    example: ExampleRecord, *others: OfficeSource, view: CallerView = CallerView.SELF, paged: bool = False
) -> dict[str, Any]:
    """Return a list of one record."""
    cursor = opaque("kursor", example[0].name) if paged else None
    return envelope([item(example, view)], (example[2], *others), cursor)


def overview(examples: tuple[ExampleRecord, ...], *others: OfficeSource) -> dict[str, Any]:
    """Return a list of a resident's own records of several resources."""
    named_sources = [example[2].model_copy(update={"resource": example[0].name}) for example in examples]
    return envelope((item(example, CallerView.SELF, own=True) for example in examples), (*named_sources, *others))


def record_answer(example: ExampleRecord, view: CallerView = CallerView.PUBLIC) -> dict[str, Any]:
    """Return the answer with a single record."""
    return {"item": item(example, view), **_contributions((example[2],))}


def reference(value: Classed) -> dict[str, Any]:
    """Return a list of one value of the gateway's own reference data."""
    return envelope([as_json(value)], ())
