"""Second factors: no code twice, no challenge twice, recovery codes once; secrets sealed at rest."""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from gateway.identity.factors.second_factors import SecondFactors
from gateway.identity.factors.totp import STEP_SECONDS
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.factors import TotpFactorRow

pytestmark = pytest.mark.anyio

ISSUER = "http://localhost:8000"
WHO = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
BROWSER = "b" * 43


@pytest.fixture
def new_factors(sealer, clock):
    return lambda database: SecondFactors(database, sealer, clock, ISSUER)


async def opened(database, clock):
    async with database.session() as session:
        for account_id in (WHO, OTHER):
            session.add(
                AccountRow(
                    id=account_id,
                    username=account_id[:4],
                    password_hash="",
                    display_name="Galuh",
                    roles=["resident"],
                    locale="id",
                    created_at=clock(),
                )
            )


def code(pending, clock, steps=0):
    return pyotp.TOTP(pending.secret).generate_otp(int(clock().timestamp()) // STEP_SECONDS + steps)


async def with_app(factors, clock):
    pending = await factors.totp.begin(WHO)
    assert await factors.totp.confirm(WHO, code(pending, clock, -1))
    return pending


async def test_f47_an_app_counts_once_it_is_confirmed_and_no_code_is_taken_twice(database, clock, new_factors):
    await opened(database, clock)
    factors = new_factors(database)
    pending = await factors.totp.begin(WHO)
    assert not (await factors.held(WHO)).any
    assert not await factors.totp.check(WHO, code(pending, clock))
    assert not await factors.totp.confirm(OTHER, code(pending, clock))
    assert not await factors.totp.confirm(WHO, "000000" if code(pending, clock) != "000000" else "000001")
    right = code(pending, clock)
    assert await factors.totp.confirm(WHO, f"{right[:3]} {right[3:]}")
    assert (await factors.held(WHO)).totp
    assert not await factors.totp.check(WHO, right), "the code that confirmed it is used"
    assert not await factors.totp.check(WHO, code(pending, clock, -1)), "nor is an earlier one good after it"
    clock.forward(timedelta(seconds=30))
    assert await factors.totp.check(WHO, code(pending, clock))
    assert not await factors.totp.check(WHO, code(pending, clock))
    for steps in (-3, -2, 2, 3):
        assert not await factors.totp.check(WHO, code(pending, clock, steps))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\n", "é" * 6])
async def test_what_is_no_code_is_refused(database, clock, new_factors, typed):
    await opened(database, clock)
    factors = new_factors(database)
    await with_app(factors, clock)
    assert not await factors.totp.check(WHO, typed)
    assert not await factors.recovery_codes.use(WHO, typed)


async def test_f47_sixteen_uses_of_one_code_at_once_give_one_success(either_database, clock, new_factors):
    await opened(either_database, clock)
    pending = await with_app(new_factors(either_database), clock)
    right = code(pending, clock)
    processes = [new_factors(either_database) for _ in range(2)]
    tried = await asyncio.gather(*(processes[at % 2].totp.check(WHO, right) for at in range(16)))
    assert sum(tried) == 1
    [first, *_] = await processes[0].recovery_codes.renew(WHO)
    tried = await asyncio.gather(*(processes[at % 2].recovery_codes.use(WHO, first) for at in range(16)))
    assert sum(tried) == 1


async def test_f47_of_a_form_sent_sixteen_times_at_once_the_app_stays(either_database, clock, new_factors):
    await opened(either_database, clock)
    factors = new_factors(either_database)
    before = await with_app(factors, clock)
    pending = await factors.totp.begin(WHO)
    confirmed = await asyncio.gather(*(factors.totp.confirm(WHO, code(pending, clock)) for _ in range(16)))
    assert sum(confirmed) == 1
    assert (await factors.held(WHO)).totp
    clock.forward(timedelta(seconds=30))
    assert not await factors.totp.check(WHO, code(before, clock))
    assert await factors.totp.check(WHO, code(pending, clock))


async def test_a_new_app_takes_the_place_of_the_old_one_and_an_old_setup_is_over(database, clock, new_factors):
    await opened(database, clock)
    factors = new_factors(database)
    first = await with_app(factors, clock)
    late = await factors.totp.begin(WHO)
    clock.forward(timedelta(minutes=31))
    assert not await factors.totp.confirm(WHO, code(late, clock))
    second = await with_app(factors, clock)
    assert not await factors.totp.check(WHO, code(first, clock))
    assert await factors.totp.check(WHO, code(second, clock))


async def test_recovery_codes_are_good_once_for_one_account_and_one_set(database, clock, new_factors):
    await opened(database, clock)
    factors = new_factors(database)
    await with_app(factors, clock)
    codes = await factors.recovery_codes.renew(WHO)
    assert len(set(codes)) == 10
    assert not await factors.recovery_codes.use(OTHER, codes[0])
    assert await factors.recovery_codes.use(WHO, codes[0].upper().replace("-", " "))
    assert not await factors.recovery_codes.use(WHO, codes[0])
    assert (await factors.held(WHO)).recovery_codes == 9
    again = await factors.recovery_codes.renew(WHO)
    assert not await factors.recovery_codes.use(WHO, codes[1])
    assert await factors.recovery_codes.use(WHO, again[1])
    assert await factors.remove_app(WHO)
    assert await factors.held(WHO) == type(await factors.held(WHO))()


async def test_f47_guesses_at_codes_are_counted_for_the_account(database, clock, new_factors):
    await opened(database, clock)
    factors = new_factors(database)
    pending = await with_app(factors, clock)
    verdicts = [await factors.check(WHO, "nonsense", recovery=at % 2 == 0) for at in range(7)]
    assert [verdict.wait is None for verdict in verdicts] == [True] * 5 + [False] * 2
    assert not (await factors.check(WHO, code(pending, clock), recovery=False)).right
    clock.forward(timedelta(minutes=16))
    assert (await factors.check(WHO, code(pending, clock), recovery=False)).right


async def test_secrets_stand_sealed_or_as_fingerprints(database, clock, new_factors):
    await opened(database, clock)
    factors = new_factors(database)
    pending = await with_app(factors, clock)
    codes = await factors.recovery_codes.renew(WHO)
    async with database.session() as session:
        kept = (await session.execute(text("SELECT * FROM totp_factors"))).all()
        kept += (await session.execute(text("SELECT * FROM recovery_codes"))).all()
        row = await session.scalar(select(TotpFactorRow))
        row.account_id = OTHER
    written = repr(kept)
    assert pending.secret not in written
    assert pending.secret not in repr(pending)
    assert not [one for one in codes if one in written or one.replace("-", "") in written]


async def registered(factors, device, who=WHO, label="Ponsel"):
    options = await factors.passkeys.registration_options(who, "galuh", BROWSER)
    assert await factors.passkeys.register(who, BROWSER, device.create(options), label)


async def test_a_passkey_is_registered_and_recognised(database, clock, new_factors, new_device):
    await opened(database, clock)
    factors, device = new_factors(database), new_device()
    await registered(factors, device, label="  Ponsel  ")
    held = await factors.held(WHO)
    assert [one.label for one in held.passkeys] == ["Ponsel"]
    for account_id in (WHO, None):
        options = await factors.passkeys.authentication_options(BROWSER, account_id)
        found = await factors.passkeys.authenticate(BROWSER, device.get(options))
        assert (found.account_id, found.verified) == (WHO, True)
    options = await factors.passkeys.registration_options(WHO, "galuh", BROWSER)
    assert not await factors.passkeys.register(WHO, BROWSER, device.create(options), "again"), "a key is one account's"
    assert not await factors.remove_passkey(OTHER, held.passkeys[0].id)
    assert await factors.remove_passkey(WHO, held.passkeys[0].id)
    options = await factors.passkeys.authentication_options(BROWSER)
    assert await factors.passkeys.authenticate(BROWSER, device.get(options)) is None


async def test_f47_an_answer_is_good_once_in_its_browser_at_our_address(database, clock, new_factors, new_device):
    await opened(database, clock)
    factors, device = new_factors(database), new_device()
    await registered(factors, device)
    passkeys = factors.passkeys
    answer = device.get(await passkeys.authentication_options(BROWSER))
    tried = await asyncio.gather(*(passkeys.authenticate(BROWSER, answer) for _ in range(8)))
    assert len([one for one in tried if one]) == 1
    assert await passkeys.authenticate("c" * 43, device.get(await passkeys.authentication_options(BROWSER))) is None
    late = device.get(await passkeys.authentication_options(BROWSER))
    clock.forward(timedelta(minutes=11))
    assert await passkeys.authenticate(BROWSER, late) is None
    foreign = device.get(await passkeys.authentication_options(BROWSER), origin="http://localhost:8001")
    assert await passkeys.authenticate(BROWSER, foreign) is None
    created = device.get(await passkeys.authentication_options(BROWSER), type="webauthn.create")
    assert await passkeys.authenticate(BROWSER, created) is None
    stranger = new_device()
    stranger.id = device.id
    assert await passkeys.authenticate(BROWSER, stranger.get(await passkeys.authentication_options(BROWSER))) is None
    device.count = 0
    assert await passkeys.authenticate(BROWSER, device.get(await passkeys.authentication_options(BROWSER))) is None, (
        "a copied key"
    )
    for nonsense in ("", "{}", "[]", "null", '{"rawId": 1}', '{"response": {"clientDataJSON": "e30"}}', "\ud7ff" * 9):
        assert await passkeys.authenticate(BROWSER, nonsense) is None
        assert not await passkeys.register(WHO, BROWSER, nonsense, "x")


@pytest.mark.parametrize("label", ["", "  ", "zero \0", "right to left \u202e", "x" * 121])
async def test_what_is_no_name_is_no_label_either(either_database, clock, new_factors, new_device, label):
    await opened(either_database, clock)
    factors = new_factors(either_database)
    await registered(factors, new_device(), label=label)
    assert [one.label for one in (await factors.held(WHO)).passkeys] == ["Passkey"]


async def test_a_database_that_is_away_is_not_taken_for_a_wrong_passkey(database, clock, new_factors, new_device):
    await opened(database, clock)
    factors, device = new_factors(database), new_device()
    await registered(factors, device)
    answer = device.get(await factors.passkeys.authentication_options(BROWSER))
    made = new_device().create(await factors.passkeys.registration_options(OTHER, "galuh", BROWSER))
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE proofs RENAME TO elsewhere"))
    with pytest.raises(OperationalError):
        await factors.passkeys.authenticate(BROWSER, answer)
    with pytest.raises(OperationalError):
        await factors.passkeys.register(OTHER, BROWSER, made, "Ponsel")


async def test_bare_numbers_have_no_passkeys(database, sealer, clock):
    assert SecondFactors(database, sealer, clock, "https://gerbang.example").passkeys.offered
    assert not SecondFactors(database, sealer, clock, "http://127.0.0.1:8000").passkeys.offered
    assert not SecondFactors(database, sealer, clock, "http://[::1]:8000").passkeys.offered
