"""Who may see whose record: the whole matrix, and what each view is shown of it."""

import pytest

from gateway.policy.narrowing import (
    CallerView,
    PurposeMissingError,
    RegionRefusedError,
    RoleRefusedError,
    narrow_lookup,
    narrow_office,
    narrow_own,
    narrow_public,
)
from gateway.policy.ownership import may_see
from gateway.policy.principal import Role
from gateway.policy.purposes import OFFICER_PURPOSES, Purpose
from schemas.application import APPLICATION, ApplicationQuery
from schemas.bill import BILL, Bill, BilledObject, BillQuery
from schemas.classes import DataClass
from schemas.codes import Coded
from schemas.health import APPOINTMENT, AppointmentQuery
from schemas.identifiers import Identifier, IdentifierScheme, Person
from schemas.places import Address, RegionReference
from schemas.programme import PROGRAMME, ProgrammeQuery
from schemas.resident import RESIDENT, ResidentQuery
from tests.gateway.fakes import MANTUIL, NIK, OTHER_NIK, PEKAUMAN, PEOPLE, application, appointment, principal
from tests.schemas.bodies import every_resource

PURPOSE = Purpose.APPLICATION_HANDLING
RECORDS = {
    "own": application(NIK, region=MANTUIL),
    "own, elsewhere": application(NIK, region=PEKAUMAN),
    "other's": application(OTHER_NIK, region=MANTUIL),
    "other's, elsewhere": application(OTHER_NIK, region=PEKAUMAN),
    "damaged": application(NIK, region=MANTUIL, exact=False),
    "without number": application(None, region=MANTUIL),
    "without region": application(NIK, region=None),
}
ASKED = {
    "resident": narrow_own(PEOPLE["resident"], APPLICATION, ApplicationQuery()),
    "no NIK": narrow_own(PEOPLE["no-nik"], APPLICATION, ApplicationQuery()),
    "officer": narrow_office(PEOPLE["officer"], APPLICATION, ApplicationQuery(), PURPOSE),
    "officer about one": narrow_lookup(PEOPLE["officer"], APPLICATION, ApplicationQuery(), PURPOSE, nik=NIK),
}
MAY = {
    "resident": {"own", "own, elsewhere", "without region"},
    "no NIK": set(),
    "officer": {"own", "other's", "damaged", "without number"},
    "officer about one": {"own"},
}


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("who", ASKED)
def test_the_matrix(who, record):
    assert may_see(ASKED[who], RECORDS[record]) is (record in MAY[who])


def test_health_is_for_the_patient_alone():
    own = narrow_own(PEOPLE["resident"], APPOINTMENT, AppointmentQuery())
    office = narrow_office(PEOPLE["officer"], APPOINTMENT, AppointmentQuery(), PURPOSE)
    assert may_see(own, appointment())
    assert not may_see(own, appointment(OTHER_NIK))
    assert not may_see(office, appointment())


def test_a_bill_is_no_officers_business_though_it_states_their_kelurahan():
    payer = Person(identifiers=(Identifier(scheme=IdentifierScheme.NIK, value=NIK),))
    kind = Coded(scheme="bill-kind", code="pbb")
    address = Address(region=RegionReference.to(MANTUIL))
    bill = Bill(kind=kind, object=BilledObject(address=address), payer=payer)
    assert BILL.owner(bill).region == PEOPLE["officer"].region
    assert may_see(narrow_own(PEOPLE["resident"], BILL, BillQuery()), bill)
    assert not may_see(narrow_office(PEOPLE["officer"], BILL, BillQuery(), PURPOSE), bill)
    assert not may_see(narrow_lookup(PEOPLE["officer"], BILL, BillQuery(), PURPOSE, nik=NIK), bill)


def test_health_bills_and_unforeseen_kinds_are_the_only_ones_not_for_officers():
    unforeseen = {"case", "entitlement", "booking"}
    assert {r.name for r in every_resource() if not r.for_officers} == {"appointment", "visit", "bill"} | unforeseen


@pytest.mark.parametrize("resource", every_resource(), ids=lambda resource: resource.name)
def test_a_resource_with_people_is_asked_in_public_only_for_what_it_opens(resource):
    if resource.public:
        asked = narrow_public(resource, resource.query())
        assert (asked.view, asked.classes) == (CallerView.PUBLIC, {DataClass.GENERAL})
    else:
        with pytest.raises(RoleRefusedError):
            narrow_public(resource, resource.query())
        assert resource.scope


def test_what_each_view_may_see():
    seen = {view.view: view.classes for view in (*ASKED.values(), narrow_public(PROGRAMME, ProgrammeQuery()))}
    assert seen == {
        CallerView.SELF: set(DataClass),
        CallerView.OFFICER: {DataClass.GENERAL, DataClass.PERSONAL},
        CallerView.PUBLIC: {DataClass.GENERAL},
    }


@pytest.mark.parametrize("who", ["officer", "operator"])
def test_only_a_resident_has_records_of_their_own(who):
    with pytest.raises(RoleRefusedError):
        narrow_own(PEOPLE[who], RESIDENT, ResidentQuery())


@pytest.mark.parametrize(
    "who",
    [PEOPLE["resident"], PEOPLE["operator"], principal("lost", nik=None, roles=(Role.OFFICER,), region=None)],
    ids=["resident", "operator", "officer of nowhere"],
)
def test_only_an_officer_of_a_kelurahan_asks_about_others(who):
    with pytest.raises(RoleRefusedError):
        narrow_office(who, APPLICATION, ApplicationQuery(), PURPOSE)
    with pytest.raises(RoleRefusedError):
        narrow_lookup(who, RESIDENT, ResidentQuery(), PURPOSE, nik=NIK)


@pytest.mark.parametrize("purpose", [None, Purpose.OWN_ACCESS])
def test_an_officer_says_why(purpose):
    with pytest.raises(PurposeMissingError):
        narrow_office(PEOPLE["officer"], APPLICATION, ApplicationQuery(), purpose)
    with pytest.raises(PurposeMissingError):
        narrow_lookup(PEOPLE["officer"], RESIDENT, ResidentQuery(), purpose, nik=NIK)
    assert all(purpose.text.en for purpose in Purpose)
    assert Purpose.OWN_ACCESS not in OFFICER_PURPOSES


@pytest.mark.parametrize("region", [None, MANTUIL])
def test_an_officer_asks_for_their_own_kelurahan_named_or_not(region):
    asked = narrow_office(PEOPLE["officer"], APPLICATION, ApplicationQuery(region=region, kind="x"), PURPOSE)
    assert (asked.query.region, asked.query.kind, asked.region, asked.nik) == (MANTUIL, "x", MANTUIL, None)


@pytest.mark.parametrize("region", [PEKAUMAN, MANTUIL.rpartition(".")[0], f"{MANTUIL} ", "", "nowhere"])
def test_an_officer_who_names_another_region_is_refused(region):
    with pytest.raises(RegionRefusedError):
        narrow_office(PEOPLE["officer"], APPLICATION, ApplicationQuery(region=region), PURPOSE)


def test_numbers_are_released_to_their_own_person_by_the_scope_alone():
    both = principal("both", nik=NIK, roles=(Role.RESIDENT, Role.OFFICER), region=MANTUIL)
    releasing = type(both)(
        **{name: getattr(both, name) for name in both.__slots__} | {"scopes": both.scopes | {"identity.nik"}}
    )
    assert narrow_own(releasing, RESIDENT, ResidentQuery()).releases_numbers
    assert not narrow_own(both, RESIDENT, ResidentQuery()).releases_numbers
    assert not narrow_office(releasing, APPLICATION, ApplicationQuery(), PURPOSE).releases_numbers
    assert not narrow_lookup(releasing, RESIDENT, ResidentQuery(), PURPOSE, nik=OTHER_NIK).releases_numbers


def test_no_number_shows_where_a_question_is_shown():
    assert NIK not in repr(ASKED["resident"]) + repr(PEOPLE["resident"]) + repr(BILL)
