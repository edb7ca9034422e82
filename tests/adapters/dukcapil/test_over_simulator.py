"""The adapter over the running simulator."""

from datetime import datetime, timedelta

import pytest

from adapters.contract import Batch
from adapters.dukcapil import SPEC, client
from adapters.dukcapil.wire import Biodata
from adapters.errors import (
    AdapterError,
    Cause,
    CredentialsRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from schemas.doubts import DoubtCode
from schemas.resident import ResidentQuery, exact_nik
from simulators.clock import WITA
from simulators.dukcapil.biodata import biodata_of
from simulators.people import DEMONSTRATION, population

pytestmark = pytest.mark.anyio
NIK = DEMONSTRATION["resident"].nik
(ROW,) = SPEC.reads


async def _ask(over_simulator, nik=NIK, **changed) -> Batch[Biodata]:
    return await client.ask(over_simulator.call(nik, **changed), ResidentQuery(), None)


async def test_everybody_is_found_exactly_and_as_they_are(over_simulator):
    for person in (*DEMONSTRATION.values(), *population()[5::97]):
        if not person.nik:
            continue
        (row,) = (await _ask(over_simulator, person.nik)).items
        normal = ROW.normalise(row)
        assert exact_nik(normal.body.identifiers) == person.nik
        assert normal.body.name == person.name.upper()
        assert normal.body.address.region.code == person.kelurahan_code
        assert not {doubt.code for doubt in normal.doubts} & {DoubtCode.CODE_UNKNOWN, DoubtCode.PLACEHOLDER}
        flagged = {DoubtCode.DATE_ZERO, DoubtCode.NIK_DATE_MISMATCH} & {doubt.code for doubt in normal.doubts}
        assert flagged or normal.body.birth_date == person.birth_date.isoformat()


def test_every_word_of_the_register_is_known():
    for person in (*DEMONSTRATION.values(), *population()):
        if person.nik:
            normal = ROW.normalise(Biodata.model_validate(biodata_of(person)))
            assert DoubtCode.CODE_UNKNOWN not in {doubt.code for doubt in normal.doubts}
            assert normal.body.sex is not None


async def test_the_damaged_birth_date_is_shown_and_flagged(over_simulator):
    (row,) = (await _ask(over_simulator, DEMONSTRATION["resident-damaged"].nik)).items
    normal = ROW.normalise(row)
    assert normal.body.birth_date == "1958-11-23"
    assert [doubt.code for doubt in normal.doubts] == [DoubtCode.NIK_DATE_MISMATCH]


async def test_who_is_not_there_is_nobody(over_simulator):
    assert (await _ask(over_simulator, "6371990101700001")).items == ()
    assert (await _ask(over_simulator, DEMONSTRATION["resident-no-nik"].nik or None)).items == ()


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"user_id": "wrong"}, {"unit": "wrong"}, {"ip_user": "10.0.0.1"}]
)
async def test_wrong_credentials_are_noticed_by_questions_and_by_the_probe(over_simulator, wrong):
    await SPEC.probe(over_simulator.call(None))
    with pytest.raises(CredentialsRefusedError):
        await _ask(over_simulator, **wrong)
    with pytest.raises(CredentialsRefusedError):
        await SPEC.probe(over_simulator.call(None, **wrong))


async def test_a_spent_quota_comes_back_at_midnight(over_simulator):
    await over_simulator.control("POST", "/records", {"kind": "quota", "per_day": 2})
    for _ in range(5):
        await SPEC.probe(over_simulator.call(None))
    await _ask(over_simulator)
    await _ask(over_simulator)
    with pytest.raises(UpstreamUnavailableError) as spent:
        await _ask(over_simulator)
    assert spent.value.cause is Cause.QUOTA_SPENT
    assert spent.value.retry_at == datetime(2026, 11, 24, tzinfo=WITA)
    over_simulator.simulator.state.clock.offset = timedelta(hours=3)
    assert len((await _ask(over_simulator)).items) == 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("500", UpstreamUnavailableError),
        ("rate-limited", UpstreamUnavailableError),
        ("quota", UpstreamUnavailableError),
        ("html", UpstreamMalformedError),
        ("malformed", UpstreamMalformedError),
        ("redirect", UpstreamMalformedError),
    ],
)
async def test_each_fault_that_arrives_as_an_answer(over_simulator, kind, error):
    await over_simulator.control("PUT", "/fault", {"kind": kind})
    with pytest.raises(error) as raised:
        await _ask(over_simulator)
    assert isinstance(raised.value, AdapterError)
    assert NIK not in str(raised.value)
    await over_simulator.control("PUT", "/fault", {"kind": "none"})
    assert len((await _ask(over_simulator)).items) == 1


async def test_a_nik_never_stands_in_an_address(over_simulator):
    await _ask(over_simulator)
    received = over_simulator.simulator.state.received.as_json()
    assert NIK in received[0]["body"]
    assert all(NIK not in f"{one['path']}{one['query']}{one['headers']}" for one in received)
