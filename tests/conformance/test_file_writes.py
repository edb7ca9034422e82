"""Writes that are put into a folder and not carried out as they should be, each caught by its own rule."""

import pytest

from adapters.contract import Absent, Pending, Stored
from adapters.errors import AdapterError

pytestmark = pytest.mark.xdist_group("conformance")


@pytest.fixture
def write(lists):
    return lists.spec.writes[0]


def test_a_file_that_is_taken_for_the_office_s_word(lists, write, broken):
    async def send(call, command, code):
        await write.send(call, command, code)
        return Stored("peserta")

    spec = lists.with_write(send=send)
    broken(lists.check("write-once", spec), "is not delivered at once")
    broken(lists.check("write-file-lost", spec), "gone unread: is said to be Delivered")


def test_a_registration_that_is_absent_because_nobody_has_answered_yet(lists, write, broken):
    async def look(call, command, code):
        found = await write.look(call, command, code)
        return Absent() if isinstance(found, Pending) else found

    # Absence would have it sent again, and say in the end that it surely is not there.
    broken(lists.check("write-file-lost", lists.with_write(look=look)), "gone unread: is said to be")


def test_a_damaged_list_of_receipts_that_is_taken_for_none(lists, write, broken):
    async def look(call, command, code):
        try:
            return await write.look(call, command, code)
        except AdapterError:
            return Pending()

    broken(lists.check("write-receipts-damaged", lists.with_write(look=look)), "is taken for an answer")


def test_a_write_that_claims_to_be_stored_once_and_is_not(lists, write, broken):
    async def send(call, command, code):
        await write.send(call, command, code)
        return await write.send(call, command, f"{code}-2")

    async def look(call, command, code):
        return await write.look(call, command, f"{code}-2")

    spec = lists.with_write(send=send, look=look)
    broken(lists.check("write-file-lost", spec), "the simulator has it")
