"""Generated damage to what the centre answers raises nothing but errors of the tree, and costs only what it touches."""

import asyncio
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.atcs import SPEC
from adapters.atcs.settings import Settings
from adapters.contract import Bad, Call
from adapters.errors import AdapterError, QueryRefusedError, UnusableRecordError
from adapters.upstream import HttpAnswer, HttpRequest
from simulators.atcs import junctions, stream, wall
from simulators.clock import WITA
from tests.loops import examples

NOW = datetime(2026, 11, 24, 8, 20, 11, tzinfo=WITA)
OURS = Settings.model_validate({"base_url": "http://127.0.0.1:9", "referer": "http://127.0.0.1:9/dinding"})
ANSWERS = {
    "/api/public/cameras/wall": json.dumps(wall.cameras()).encode(),
    "/api/public/positions": json.dumps(wall.positions()).encode(),
    "/api/public/counts": json.dumps(junctions.counts(NOW)).encode(),
    "/api/public/time": b'{"waktu": "2026-11-24 08:20:11"}',
}
PLAYLIST = (stream.playlist("live", NOW) or "").encode()
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


class Answering:
    """Gives recorded answers, one of them changed."""

    def __init__(self, changed: dict[str, bytes]) -> None:
        self._changed = changed

    async def send(self, request: HttpRequest) -> HttpAnswer:
        if "%2e" in request.path or "\\" in request.path:
            raise QueryRefusedError("the question cannot be put as an address of this system")
        kind = "playlist" if request.path.endswith(".m3u8") else request.path
        return HttpAnswer(200, {}, self._changed.get(kind, ANSWERS.get(kind, PLAYLIST)))


async def _read(changed: dict[str, bytes]) -> dict[str, int]:
    """How many records of each resource can be shown; a feed that fails counts none, as its copy stays."""
    found: dict[str, int] = {}
    for row in SPEC.reads:
        call: Call[Any, Any] = Call(settings=OURS, up=Answering(changed), now=NOW)
        assert row.feed is not None
        try:
            items = [item async for batch in row.feed(call, None) for item in batch.items]
        except AdapterError:
            continue
        found[row.resource.name] = 0
        for item in items:
            if isinstance(item, Bad):
                continue
            try:
                row.normalise(item).body.model_dump_json()
            except UnusableRecordError:
                continue
            found[row.resource.name] += bool(row.key(item))
    return found


UNDAMAGED = asyncio.run(_read({}))


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from([*ANSWERS, "playlist"]), st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_bytes_that_were_damaged(place: str, at: int, junk: bytes) -> None:
    damaged = bytearray(ANSWERS.get(place, PLAYLIST))
    at %= len(damaged)
    damaged[at : at + len(junk)] = junk
    asyncio.run(_read({place: bytes(damaged)}))


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from(list(ANSWERS)[:3]), st.integers(0, 1000), st.data())
def test_a_damaged_row_costs_at_most_itself(place: str, at: int, data: st.DataObject) -> None:
    rows = json.loads(ANSWERS[place])
    row = rows[at % len(rows)]
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(JUNK)
    found = asyncio.run(_read({place: json.dumps(rows).encode()}))
    assert set(found) == set(UNDAMAGED)
    assert all(found[name] >= UNDAMAGED[name] - 1 for name in UNDAMAGED)


@pytest.mark.parametrize("stream", ["/stream/%2e%2e/index.m3u8", "/stream/A\\B/index.m3u8"])
def test_an_address_that_cannot_be_asked_for_costs_its_own_camera_a_look(stream: str) -> None:
    wall = json.loads(ANSWERS["/api/public/cameras/wall"])
    wall[0]["stream"] = stream
    assert asyncio.run(_read({"/api/public/cameras/wall": json.dumps(wall).encode()})) == UNDAMAGED
