"""What may be said of a requirement, by what was found and what could not be asked."""

import pytest

from gateway.federation.readiness import EVIDENCE_RECORDS, check_requirement, resources_for
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.readiness import RequirementState, Witness
from schemas.records import Provenance, Record
from schemas.resident import RESIDENT, Resident
from schemas.service import Evidence, Requirement
from schemas.texts import Text
from tests.gateway.fakes import Clock, numbers, service

CARD = Requirement(name=Text(id="Fotokopi KTP"), evidence=Evidence.IDENTITY_CARD)
FAMILY = Requirement(name=Text(id="Fotokopi KK"), required=False, evidence=Evidence.FAMILY_CARD)
PHOTO = Requirement(name=Text(id="Pas foto"))
KK = Identifier(scheme=IdentifierScheme.KK, value="6371991708170011")


def record(*identifiers):
    came = Provenance(system="register", fetched_at=Clock()())
    return Record("res_1", "1", Resident(identifiers=identifiers), came)


def source(state=SourceState.FRESH, **more):
    return OfficeSource(system="register", resource="resident", state=state, **more)


def test_a_record_that_shows_it_meets_a_requirement_whatever_failed_elsewhere():
    mine = record(*numbers("6371994502900011"))
    found = check_requirement(CARD, {"resident": (mine,)}, (source(), source(SourceState.FAILED, cause=Cause.TIMEOUT)))
    assert found.state is RequirementState.MET
    assert found.met_by == (Witness(resource="resident", system="register", id="res_1"),)
    assert (found.name, found.required, found.waits_for) == (CARD.name, True, ())


def test_what_no_record_shows_is_missing_once_everybody_has_answered():
    mine = record(*numbers("6371994502900011"), KK.model_copy(update={"exact": False}))
    found = check_requirement(FAMILY, {"resident": (mine,)}, (source(), source(SourceState.HELD)))
    assert (found.state, found.met_by, found.required) == (RequirementState.MISSING, (), False)
    assert check_requirement(FAMILY, {"resident": (record(KK),)}, (source(),)).state is RequirementState.MET


@pytest.mark.parametrize(
    "unsure",
    [
        source(SourceState.FAILED, cause=Cause.TIMEOUT),
        source(SourceState.STALE, cause=Cause.UNAVAILABLE),
        source(SourceState.UNLINKED),
        source(SourceState.DENIED),
        source(set_aside=1),
        source(withheld=1),
    ],
)
def test_nothing_is_called_missing_while_somebody_may_know_of_it(unsure):
    found = check_requirement(CARD, {}, (source(), unsure))
    assert found.state is RequirementState.UNKNOWABLE_NOW
    assert found.waits_for == (Witness(resource="resident", system="register"),)
    # Who cannot know of it is not waited for.
    other = unsure.model_copy(update={"resource": "bill"})
    assert check_requirement(CARD, {}, (source(), other)).state is RequirementState.MISSING


def test_what_no_system_can_know_has_to_be_brought():
    assert (
        check_requirement(PHOTO, {}, (source(SourceState.FAILED, cause=Cause.TIMEOUT),)).state
        is RequirementState.MISSING
    )
    assert resources_for(service("a", requirements=(PHOTO,))) == ()
    assert resources_for(service("a", requirements=(PHOTO, CARD, FAMILY))) == (RESIDENT,)


def test_every_kind_of_evidence_has_its_witness():
    assert set(EVIDENCE_RECORDS) == set(Evidence)
