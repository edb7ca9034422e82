"""Indexes of the public lists: one for each list, whoever asks, and made anew when the list has changed."""

import asyncio

import pytest

from gateway.snapshots.search.index import Index
from schemas.programme import PROGRAMME
from tests.gateway.fakes import Fake, Wire, gateway_before, programme

pytestmark = pytest.mark.anyio


async def test_whoever_searches_at_once_shares_one_index_of_a_list(tmp_path, monkeypatch):
    system = Fake(feeds=("programme",))
    system.records["programme"] = [Wire("1", programme("Anyaman"))]
    made = []
    monkeypatch.setattr("gateway.snapshots.search.public.Index", lambda *given: made.append(1) or Index(*given))
    async with gateway_before(tmp_path, system) as gateway:
        indexes = gateway.deps.indexes
        asked = await asyncio.gather(*(indexes.index_of(PROGRAMME) for _ in range(20)))
        assert len(made) == 1
        assert len({id(index) for _, index in asked}) == 1
        system.records["programme"].append(Wire("2", programme("Batik")))
        (feeder,) = gateway.deps.feeds._fetchers
        assert await gateway.deps.feeds.renew(feeder)
        asked = await asyncio.gather(*(indexes.index_of(PROGRAMME) for _ in range(20)))
    assert len(made) == 2
    for shown, index in asked:
        assert [shown.records[at].body.name.id for at in index.find(["batik"])] == ["Batik"]
