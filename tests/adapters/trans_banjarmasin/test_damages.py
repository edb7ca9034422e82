"""Generated damage to the operator's exports raises nothing but errors of the tree, and costs only what it touches."""

import asyncio
import io
from datetime import datetime
from typing import Any
from zipfile import ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Bad, Call
from adapters.errors import AdapterError, UnusableRecordError
from adapters.trans_banjarmasin import SPEC
from adapters.trans_banjarmasin.settings import Settings
from adapters.upstream import HttpAnswer, HttpRequest
from simulators.clock import WITA
from simulators.trans_banjarmasin.export import archive, tables
from simulators.trans_banjarmasin.protobuf import VehiclePosition, feed
from tests.loops import examples

NOW = datetime(2026, 11, 24, 8, 20, 11, tzinfo=WITA)
OURS = Settings.model_validate({"base_url": "http://127.0.0.1:9", "key": "a-key-for-tests"})
TABLES = tables(NOW.date())
SEEN = [
    VehiclePosition(f"DA 700{at} ZA", -3.32, 114.59, int(NOW.timestamp()), "K 1 PERGI", "K 1", 1.5, 2.5)
    for at in range(4)
]
ANSWERS = {"/ekspor/gtfs.zip": archive(NOW.date()), "/ekspor/posisi.pb": feed(int(NOW.timestamp()), SEEN)}


class Answering:
    """Gives recorded answers, one of them changed."""

    def __init__(self, changed: dict[str, bytes]) -> None:
        self._changed = changed

    async def send(self, request: HttpRequest) -> HttpAnswer:
        return HttpAnswer(200, {}, self._changed.get(request.path, ANSWERS[request.path]))


async def _read(changed: dict[str, bytes]) -> dict[str, tuple[int, int]]:
    """For each resource that is concerned, how many records can be shown, and how many are set aside."""
    found: dict[str, tuple[int, int]] = {}
    for row in SPEC.reads:
        if changed and (row.resource.name == "vehicle") != ("/ekspor/posisi.pb" in changed):
            continue
        call: Call[Any, Any] = Call(settings=OURS, up=Answering(changed), now=NOW)
        assert row.feed is not None
        shown = aside = 0
        try:
            async for batch in row.feed(call, None):
                for item in batch.items:
                    good = not isinstance(item, Bad) and _shown(row, item)
                    shown, aside = shown + good, aside + (not good)
        except AdapterError:
            continue
        found[row.resource.name] = shown, aside
    return found


def _shown(row: Any, item: Any) -> bool:
    try:
        written = row.normalise(item).body.model_dump_json()
    except UnusableRecordError:
        return False
    assert "DA 70" not in f"{written}{item!r}"
    return bool(row.key(item))


def _packed(changed: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as packed:
        for name, content in {**TABLES, **changed}.items():
            packed.writestr(name, content.encode("utf-8", "replace"))
    return made.getvalue()


def test_undamaged_everything_is_shown() -> None:
    undamaged = asyncio.run(_read({}))
    assert {name: shown > 0 and not aside for name, (shown, aside) in undamaged.items()} == dict.fromkeys(
        ("route", "stop", "departure", "vehicle"), True
    )


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(list(ANSWERS)), st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_bytes_that_were_damaged(place: str, at: int, junk: bytes) -> None:
    damaged = bytearray(ANSWERS[place])
    at %= len(damaged)
    damaged[at : at + len(junk)] = junk
    asyncio.run(_read({place: bytes(damaged)}))


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(sorted(TABLES)), st.integers(0, 10_000), st.text(min_size=1, max_size=6))
def test_tables_that_were_damaged(name: str, at: int, junk: str) -> None:
    text = TABLES[name]
    at %= len(text)
    asyncio.run(_read({"/ekspor/gtfs.zip": _packed({name: text[:at] + junk + text[at + len(junk) :]})}))


@settings(max_examples=examples(100), deadline=None)
@given(st.integers(0, 3), st.floats(width=32), st.floats(width=32), st.text(max_size=9), st.integers(0, 2**64 - 1))
def test_a_damaged_vehicle_leaves_the_others(which: int, speed: float, latitude: float, route: str, at: int) -> None:
    route = route.encode("utf-8", "replace").decode()
    damaged = list(SEEN)
    damaged[which] = VehiclePosition("DA 7009 ZA", latitude, 114.59, at, "", route, 0.0, speed)
    found = asyncio.run(_read({"/ekspor/posisi.pb": feed(int(NOW.timestamp()), damaged)}))
    assert sum(found["vehicle"]) == len(SEEN)
    assert found["vehicle"][0] >= len(SEEN) - 1
