"""Personal rows of a file are sealed per person: opening one opens nobody else's, and damage shows nobody anything."""

import pytest

from gateway.clock import now
from gateway.copies.holding import PersonSeal
from gateway.sealing import Sealer, UnsealError
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.programme import ENROLMENT, Enrolment, Participant
from schemas.records import Provenance, Record

ONE, OTHER = "6371994502900011", "6371990101900012"


def enrolment(nik: str, *, exact: bool = True) -> Record[Enrolment]:
    number = Identifier(scheme=IdentifierScheme.NIK, value=nik, exact=exact)
    body = Enrolment(year=2026, agency="dinas-koperasi", participant=Participant(name="WARGA", identifiers=(number,)))
    provenance = Provenance(system="wirausaha-baru", fetched_at=now())
    return Record(id=f"enr_{nik}", key=nik, body=body, provenance=provenance)


@pytest.fixture
def seal():
    return PersonSeal(Sealer(bytes(32)))


def test_each_person_is_shown_their_own_and_nothing_else(seal):
    mine = enrolment(ONE)
    sealed = seal.by_person(ENROLMENT, [mine, enrolment(OTHER)])
    assert seal.of_person(ENROLMENT, sealed, ONE) == (mine,)
    assert seal.of_person(ENROLMENT, sealed, "6371990202900013") == ()
    assert ONE not in repr(sealed)


def test_one_persons_seal_does_not_open_as_anothers(seal):
    sealed = seal.by_person(ENROLMENT, [enrolment(ONE), enrolment(OTHER)])
    first, second = sealed
    with pytest.raises(UnsealError):
        seal.of_person(ENROLMENT, {first: sealed[second], second: sealed[first]}, ONE)


def test_a_damaged_number_is_shown_to_nobody_but_its_person_is_told(seal):
    sealed = seal.by_person(ENROLMENT, [enrolment(ONE[:-1] + "0", exact=False)])
    assert seal.of_person(ENROLMENT, sealed, ONE) == ()
    assert seal.of_person(ENROLMENT, sealed, ONE[:-1] + "0") == ()
    assert seal.doubtful(ENROLMENT, sealed, ONE) == 1
    assert seal.doubtful(ENROLMENT, sealed, OTHER) == 0
