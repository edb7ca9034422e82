"""Whole answers, recorded byte for byte and damaged: only errors of the tree, and the rest of a page survives."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Bad, Call
from adapters.errors import AdapterError, CredentialsRefusedError, UnusableRecordError
from adapters.legacy.dates import WITA
from adapters.rtmc import SPEC, client
from adapters.rtmc.settings import Settings
from gateway.upstream.http.soap_envelope import parse_envelope
from gateway.upstream.http.xml import decode_document, read_element

ANSWERS = Path(__file__).parent / "answers"
RECORDED = {name: (ANSWERS / f"{name}.xml").read_bytes() for name in ("incidents", "conditions", "not-let-in", "check")}
NOW = datetime(2026, 11, 23, 21, 15, tzinfo=WITA)
SETTINGS = Settings.model_validate({"base_url": "http://127.0.0.1:9", "partner": "P", "password": "S"})
FEEDS = {"incidents": SPEC.reads[0], "conditions": SPEC.reads[1]}


@dataclass
class Recorded:
    """Reads always the same bytes, as the gateway reads an answer."""

    content: bytes

    async def call(self, request):
        text = decode_document(self.content, header="utf-8", declared=FEEDS["incidents"].transport.charset)
        return parse_envelope(read_element(text, max_depth=64, max_elements=20_000), request)


def first_batch(name, content):
    feed = FEEDS[name].feed(Call(SETTINGS, Recorded(content), NOW), None)

    async def first():
        try:
            return await anext(feed)
        finally:
            await feed.aclose()

    return asyncio.run(first())


def shown(name, content):
    """The bodies by their keys; records that are set aside are left out."""
    found = {}
    for item in first_batch(name, content).items:
        if not isinstance(item, Bad):
            with suppress(UnusableRecordError):
                found[FEEDS[name].key(item)] = FEEDS[name].normalise(item).body
    return found


@pytest.mark.parametrize(("name", "count"), [("incidents", 4), ("conditions", 32)])
def test_what_was_recorded_is_read(name, count):
    assert len(shown(name, RECORDED[name])) == count


def test_a_recorded_refusal_is_one():
    with pytest.raises(CredentialsRefusedError):
        asyncio.run(client.probe(Call(SETTINGS, Recorded(RECORDED["not-let-in"]), NOW)))
    asyncio.run(client.probe(Call(SETTINGS, Recorded(RECORDED["check"]), NOW)))


@pytest.mark.parametrize("name", FEEDS)
@given(place=st.floats(0, 1, exclude_max=True), damage=st.binary(max_size=4), length=st.integers(0, 40))
def test_damaged_bytes_are_read_or_refused(name, place, damage, length):
    content = RECORDED[name]
    start = int(place * len(content))
    damaged = content[:start] + damage + content[start + length :]
    undamaged = shown(name, content)
    try:
        found = shown(name, damaged)
    except AdapterError:
        return
    # At most two neighbours are touched: a record may be gone with its own bytes, or read differently.
    assert sum(found.get(key) == body for key, body in undamaged.items()) >= len(undamaged) - 2
