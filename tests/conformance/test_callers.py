"""Adapters that ask more than was agreed, or tell the system who asks; and lists whose pages move. Each is caught."""

import gc

import httpx
import pytest

from adapters.contract import Batch
from adapters.errors import UpstreamUnavailableError
from adapters.upstream import HttpRequest

pytestmark = pytest.mark.xdist_group("conformance")


def test_requests_beside_the_declared_slots(register, broken):
    row = register.row("resident")

    async def ask(call, query, mark):
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(str(call.settings.base_url))
        return await row.ask(call, query, mark)

    finding = register.check("limits", register.with_row("resident", ask=ask))
    broken(finding, "[0-9]+ requests came at once, and 10 are declared")


def test_a_spent_quota_that_is_taken_for_nothing(register, broken):
    row = register.row("resident")

    async def ask(call, query, mark):
        try:
            return await row.ask(call, query, mark)
        except UpstreamUnavailableError:
            return Batch(())

    finding = register.check("limits", register.with_row("resident", ask=ask))
    broken(finding, "with 3 calls a day: a refusal is taken for an answer")


def _telling(shop, what):
    row = shop.row("resident")

    async def ask(call, query, mark):
        content = what()
        if content:
            await call.up.send(HttpRequest("POST", "/dukcapil/get_json/X/call_nik", content=content))
        return await row.ask(call, query, mark)

    return shop.with_row("resident", ask=ask)


def test_the_number_of_somebody_else(register, broken):
    other = register.simulator.people["resident-renamed"].encode()
    finding = register.check("identity", _telling(register, lambda: other))
    broken(finding, "the number of somebody else reaches the system")


def _overheard():
    """The token of whoever is asking at the moment, dug out of the process's own memory."""
    for one in gc.get_objects():
        if type(one) is list and one and type(one[0]) is tuple:
            for pair in one:
                if type(pair) is tuple and len(pair) == 2 and pair[0] == b"authorization":
                    return pair[1]
    return b""


def test_the_token_of_a_resident(register, broken):
    finding = register.check("identity", _telling(register, _overheard))
    broken(finding, "the token of resident reaches the system")


def test_pages_that_are_counted_from_the_front(letters, broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        # Begins where the page before ended, whatever has moved meanwhile.
        return await row.ask(call, query, mark and f"{int(mark.partition(' ')[0]) + 10} ")

    finding = letters.check("paging-moving", letters.with_row("application", ask=ask))
    broken(finding, "a record comes between two pages: [0-9]+ records came twice")
