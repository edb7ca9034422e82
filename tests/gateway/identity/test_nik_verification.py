"""Whose NIK it is: one code, one account, one number, decided by the database."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from gateway.identity.contacts import Contacts
from gateway.identity.messages.notifier import AccountNotifier
from gateway.identity.messages.outbox import Outbox
from gateway.identity.nik_verification import NikOutcome, NikVerification
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.messages import OutboxMessageRow

pytestmark = pytest.mark.anyio

NIK, OTHER_NIK = "6371994502900011", "6371992311850027"
OFFICER = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def new_room(sealer, clock):
    def made(database):
        telling = AccountNotifier(database, Contacts(sealer, clock), Outbox(sealer, clock))
        return NikVerification(database, sealer, clock, telling)

    return made


async def opened(database, clock, count=1):
    ids = [f"0000000{n}-1111-4111-8111-111111111111" for n in range(count)]
    async with database.session() as session:
        for number in ids:
            session.add(
                AccountRow(
                    id=number,
                    username=number[:8],
                    password_hash="",
                    display_name="Galuh",
                    roles=["resident"],
                    locale="id",
                    created_at=clock(),
                )
            )
    return ids


async def account(database, number):
    async with database.session() as session:
        return await session.get_one(AccountRow, number)


async def test_an_officer_verifies_by_the_residents_code(database, sealer, clock, new_room):
    [who] = await opened(database, clock)
    room = new_room(database)
    first, code = await room.issue_code(who), await room.issue_code(who)
    assert await room.verify_by_officer(first, NIK, OFFICER) is NikOutcome.NO_CODE, (
        "a new code takes the old one's place"
    )
    assert await room.verify_by_officer(f"{code[:4]} {code[4:]}", NIK, OFFICER) is NikOutcome.VERIFIED
    assert await room.verify_by_officer(code, NIK, OFFICER) is NikOutcome.NO_CODE
    row = await account(database, who)
    assert row.nik_verified_by == f"counter:{OFFICER}"
    assert row.nik_verified_at == clock()
    assert sealer.unseal("account-nik", row.nik_sealed).decode() == NIK
    assert await room.is_verified(who)


async def test_a_code_lives_a_quarter_of_an_hour_and_a_wrong_number_does_not_use_it_up(database, clock, new_room):
    first, second = await opened(database, clock, 2)
    room = new_room(database)
    assert await room.verify_by_issuer(first, NIK, "https://idp.example") is NikOutcome.VERIFIED
    code = await room.issue_code(second)
    assert await room.verify_by_officer(code, NIK, OFFICER) is NikOutcome.TAKEN
    assert not await room.is_verified(second)
    assert await room.verify_by_officer(code, OTHER_NIK, OFFICER) is NikOutcome.VERIFIED
    late = await room.issue_code(second)
    clock.forward(timedelta(minutes=15))
    assert await room.verify_by_officer(late, OTHER_NIK, OFFICER) is NikOutcome.NO_CODE


async def test_an_issuer_says_it_again_but_never_another(database, clock, new_room):
    [who] = await opened(database, clock)
    room = new_room(database)
    for _ in range(2):
        assert await room.verify_by_issuer(who, NIK, "https://idp.example") is NikOutcome.VERIFIED
    assert await room.verify_by_issuer(who, OTHER_NIK, "https://idp.example") is NikOutcome.OTHER
    assert (await account(database, who)).nik_verified_by == "issuer:https://idp.example"


async def test_of_nine_accounts_at_once_one_gets_the_nik(either_database, clock, new_room):
    ids = await opened(either_database, clock, 9)
    rooms = [new_room(either_database) for _ in range(2)]
    outcomes = await asyncio.gather(
        *(rooms[at % 2].verify_by_issuer(who, NIK, "https://idp.example") for at, who in enumerate(ids))
    )
    assert sorted(outcomes) == [NikOutcome.TAKEN] * 8 + [NikOutcome.VERIFIED]


async def test_of_sixteen_uses_of_one_code_at_once_one_succeeds(either_database, clock, new_room):
    [who] = await opened(either_database, clock)
    rooms = [new_room(either_database) for _ in range(2)]
    code = await rooms[0].issue_code(who)
    outcomes = await asyncio.gather(*(rooms[at % 2].verify_by_officer(code, NIK, OFFICER) for at in range(16)))
    assert outcomes.count(NikOutcome.VERIFIED) == 1
    async with either_database.session() as session:
        assert (await session.scalars(select(OutboxMessageRow))).all() == [], "nobody to tell: no contact"
