"""Faulty writes by files: each fails its rule."""

import pytest

from adapters.contract import Absent, Pending, Stored
from adapters.errors import AdapterError

pytestmark = pytest.mark.xdist_group("conformance")


@pytest.fixture
def write(lists):
    return lists.spec.writes[0]


def test_a_dropped_file_that_is_reported_as_stored(lists, write, assert_broken):
    async def send(call, command, code):
        await write.send(call, command, code)
        return Stored("peserta")

    spec = lists.with_write(send=send)
    assert_broken(lists.check("write-once", spec), "is not delivered at once")
    assert_broken(lists.check("write-file-lost", spec), "lost unread: is reported as Delivered")


def test_a_pending_registration_that_is_reported_as_absent(lists, write, assert_broken):
    async def look(call, command, code):
        found = await write.look(call, command, code)
        return Absent() if isinstance(found, Pending) else found

    # "Absent" would repeat the write, and finally report that it was not stored.
    assert_broken(lists.check("write-file-lost", lists.with_write(look=look)), "lost unread: is reported as")


def test_a_damaged_list_of_receipts_that_is_taken_for_none(lists, write, assert_broken):
    async def look(call, command, code):
        try:
            return await write.look(call, command, code)
        except AdapterError:
            return Pending()

    assert_broken(lists.check("write-receipts-damaged", lists.with_write(look=look)), "is taken for a valid answer")


def test_a_write_that_is_stored_twice(lists, write, assert_broken):
    async def send(call, command, code):
        await write.send(call, command, code)
        return await write.send(call, command, f"{code}-2")

    async def look(call, command, code):
        return await write.look(call, command, f"{code}-2")

    spec = lists.with_write(send=send, look=look)
    assert_broken(lists.check("write-file-lost", spec), "the simulator has it")
