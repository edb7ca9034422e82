"""Personal rows of a fed file: sealed per person, and what was damaged is nobody's."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ground.clock import WITA
from gateway.ground.sealing import Sealer, UnsealError
from gateway.snapshots.personal_seal import PersonSeal
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.programme import ENROLMENT
from schemas.records import Provenance, Record
from tests.gateway.fakes import NIK, OTHER_NIK, Fake, Wire, application, enrolment, gateway_before, numbers

AT = datetime(2026, 11, 23, 9, tzinfo=WITA)
SEAL = PersonSeal(Sealer(b"\1" * 32))
# Few of them, so that several share their first fifteen digits.
niks = st.builds(lambda day, serial: f"637199{day:02}0290{serial:04}", st.integers(1, 3), st.integers(1, 22))


def record(number, body):
    return Record(f"enr_{number}", str(number), body, Provenance(system="s", fetched_at=AT))


@given(people=st.lists(st.tuples(niks, st.booleans()), max_size=15), asks=niks)
def test_everybody_gets_all_of_their_own_and_nothing_of_anybody_else(people, asks):
    records = [record(n, enrolment(nik, exact=exact)) for n, (nik, exact) in enumerate(people)]
    sealed = SEAL.by_person(ENROLMENT, records)
    expected = [r.id for r, (nik, exact) in zip(records, people, strict=True) if exact and nik == asks]
    assert [r.id for r in SEAL.of_person(ENROLMENT, sealed, asks)] == expected
    assert SEAL.doubtful(ENROLMENT, sealed, asks) == sum(not exact and nik[:15] == asks[:15] for nik, exact in people)
    assert b"637199" not in b"".join(sealed.values()) + "".join(sealed).encode()


def test_a_seal_opens_for_its_own_holder_only():
    sealed = SEAL.by_person(ENROLMENT, [record(1, enrolment(NIK)), record(2, enrolment(OTHER_NIK))])
    one, other = sealed
    swapped = {one: sealed[other], other: sealed[one]}
    with pytest.raises(UnsealError):
        SEAL.of_person(ENROLMENT, swapped, NIK)
    stranger = PersonSeal(Sealer(b"\2" * 32))
    assert stranger.of_person(ENROLMENT, sealed, NIK) == ()


@pytest.mark.parametrize(
    "identifiers",
    [
        (),
        numbers("6.37199E+15", exact=False),
        numbers("637199450290001", exact=False),
        (*numbers(NIK), *numbers(OTHER_NIK)),
        (Identifier(scheme=IdentifierScheme.KK, value=NIK),),
    ],
    ids=["no number", "scientific", "fifteen digits", "two numbers", "another scheme"],
)
def test_a_record_without_a_usable_number_is_held_for_nobody(identifiers):
    body = enrolment()
    body = body.model_copy(update={"holder": body.holder.model_copy(update={"identifiers": identifiers})})
    assert SEAL.by_person(ENROLMENT, [record(1, body)]) == {}


@pytest.mark.anyio
async def test_a_damaged_number_withholds_and_says_so(tmp_path):
    system = Fake(feeds=("enrolment",))
    damaged = NIK[:15] + "0"
    async with gateway_before(tmp_path, system) as gateway:
        (feeder,) = gateway.deps.feeds._fetchers
        told = []
        for wires in (
            [Wire("1", enrolment(damaged, exact=False))],
            [Wire("1", enrolment(damaged, exact=False)), Wire("2", enrolment())],
            [Wire("2", enrolment())],
        ):
            system.records["enrolment"] = wires
            assert await gateway.deps.feeds.renew(feeder)
            answer = (await gateway.get("/v1/me/overview", "resident")).json()
            (source,) = answer["sources"]
            told.append((len(answer["items"]), source["state"], source.get("withheld"), answer["complete"]))
    assert told == [(0, "unlinked", 1, False), (1, "held", 1, False), (1, "held", None, True)]


@pytest.mark.anyio
async def test_what_is_held_and_cannot_be_opened_fails_alone_and_is_not_told_as_nothing(tmp_path):
    """As after an upgrade, with the system away: what another version sealed is there, and cannot be read."""
    files, register = Fake("files", feeds=("enrolment",)), Fake("register", asks=("application",))
    files.records["enrolment"], register.records["application"] = [Wire("1", enrolment())], [Wire("1", application())]
    async with gateway_before(tmp_path, files, register) as gateway:
        (entry,) = gateway.deps.snapshots.of_office("files", None)
        told = []
        for spoil in (
            lambda _, seal: seal[:-1] + b"x",
            lambda holder, _: gateway.deps.sealer.seal("held-person", b"[[1]]", bound_to=holder),
        ):
            sealed = {holder: spoil(holder, seal) for holder, seal in entry.snapshot.sealed.items()}
            entry.snapshot = replace(entry.snapshot, sealed=sealed)
            answer = await gateway.get("/v1/me/overview", "resident")
            assert answer.status_code == 200
            document = answer.json()
            source = {one["system"]: one for one in document["sources"]}["files"]
            kinds = [item["resource"] for item in document["items"]]
            told.append((kinds, source["state"], source["cause"], document["complete"]))
    assert told == [(["application"], "failed", "malformed", False)] * 2


@pytest.mark.anyio
async def test_that_a_file_is_old_is_said_also_where_a_damaged_number_withholds(tmp_path):
    system = Fake(feeds=("enrolment",), fresh=timedelta(minutes=5))
    system.records["enrolment"] = [Wire("1", enrolment(NIK[:15] + "0", exact=False))]
    async with gateway_before(tmp_path, system) as gateway:
        gateway.clock.forward(minutes=6)
        answer = (await gateway.get("/v1/me/overview", "resident")).json()
    (source,) = answer["sources"]
    assert (source["state"], source["items"], source["withheld"], answer["complete"]) == ("stale", 0, 1, False)
