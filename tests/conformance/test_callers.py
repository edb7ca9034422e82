"""Adapters that exceed limits or forward the caller's identity, and unstable pages: each fails its rule."""

import gc

import httpx
import pytest

from adapters.contract import Batch
from adapters.errors import UpstreamUnavailableError
from adapters.upstream import HttpRequest

pytestmark = pytest.mark.xdist_group("conformance")


def test_requests_outside_the_declared_slots(register, assert_broken):
    row = register.row("resident")

    async def ask(call, query, mark):
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(str(call.settings.base_url))
        return await row.ask(call, query, mark)

    finding = register.check("limits", register.with_row("resident", ask=ask))
    assert_broken(finding, "[0-9]+ concurrent requests, and 10 are declared")


def test_a_spent_quota_that_is_taken_for_an_empty_answer(register, assert_broken):
    row = register.row("resident")

    async def ask(call, query, mark):
        try:
            return await row.ask(call, query, mark)
        except UpstreamUnavailableError:
            return Batch(())

    finding = register.check("limits", register.with_row("resident", ask=ask))
    assert_broken(finding, "with 3 calls a day: a refusal is taken for an answer")


def _sending(adapter, what):
    row = adapter.row("resident")

    async def ask(call, query, mark):
        content = what()
        if content:
            await call.up.send(HttpRequest("POST", "/dukcapil/get_json/X/call_nik", content=content))
        return await row.ask(call, query, mark)

    return adapter.with_row("resident", ask=ask)


def test_the_nik_of_another_person_reaches_the_system(register, assert_broken):
    other = register.simulator.people["resident-renamed"].encode()
    finding = register.check("identity", _sending(register, lambda: other))
    assert_broken(finding, "the NIK of another person reaches the system")


def _current_token():
    """Return the token of the current caller, found in the memory of the process."""
    for one in gc.get_objects():
        if type(one) is list and one and type(one[0]) is tuple:
            for pair in one:
                if type(pair) is tuple and len(pair) == 2 and pair[0] == b"authorization":
                    return pair[1]
    return b""


def test_the_token_of_a_resident_reaches_the_system(register, assert_broken):
    finding = register.check("identity", _sending(register, _current_token))
    assert_broken(finding, "the token of resident reaches the system")


def test_pages_by_offset(letters, assert_broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        # Continues by offset, although records may have moved meanwhile.
        return await row.ask(call, query, mark and f"{int(mark.partition(' ')[0]) + 10} ")

    finding = letters.check("paging-moving", letters.with_row("application", ask=ask))
    assert_broken(finding, "a record is added between two pages: [0-9]+ records are returned twice")
