"""Disclosure: the only way out. It cannot be forged, and what it cannot put on record it does not show."""

import copy
import dataclasses
import json
from datetime import datetime

import pytest

from gateway.ground.clock import WITA
from gateway.ground.sealing import Sealer
from gateway.policy.access_log.entries import AccessContext, AccessLogUnavailableError
from gateway.policy.disclosure import Disclosed, DisclosedDocument, DisclosureGate
from gateway.policy.narrowing import narrow_lookup, narrow_office, narrow_own, narrow_public
from gateway.policy.purposes import Purpose
from schemas.application import APPLICATION, ApplicationQuery
from schemas.classes import DataClass
from schemas.programme import PROGRAMME, ProgrammeQuery
from schemas.records import Provenance, Record
from schemas.resident import RESIDENT, ResidentQuery
from schemas.texts import Language
from tests.gateway.fakes import NIK, OTHER_NIK, PEKAUMAN, PEOPLE, Clock, application, programme, resident

pytestmark = pytest.mark.anyio

OCCASION = AccessContext(request_id="r", request_digest="d", operation="op")
SEALER = Sealer(b"\1" * 32)
OWN = narrow_own(PEOPLE["resident"], APPLICATION, ApplicationQuery())
OFFICE = narrow_office(PEOPLE["officer"], APPLICATION, ApplicationQuery(), Purpose.COMPLAINT_HANDLING)


class Log:
    """Keeps entries, or cannot."""

    def __init__(self):
        self.entries = []
        self.calls = []
        self.broken = False

    async def record(self, entries):
        self.calls.append(entries)
        if self.broken:
            raise AccessLogUnavailableError("no")
        self.entries += entries


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def gate(log):
    return DisclosureGate(log=log, sealer=SEALER, clock=Clock())


def record(body, number=1):
    at = datetime(2026, 11, 23, 9, tzinfo=WITA)
    return Record(f"apl_{number}", str(number), body, Provenance(system="s", fetched_at=at))


async def disclosed(gate, asked, *bodies, **more):
    records = tuple(record(body, number) for number, body in enumerate(bodies))
    made = await gate.disclose(asked, records, language=Language.ENGLISH, occasion=OCCASION, systems=("s",), **more)
    return made, [json.loads(item) for item in made.items]


def person(nik):
    return SEALER.fingerprint("person", nik)


async def test_it_cannot_be_forged(gate):
    made, _ = await disclosed(gate, OWN, application())
    document = await gate.disclose_document(OWN, record(application()), Letter(), occasion=OCCASION)
    with pytest.raises(TypeError):
        Disclosed((b"{}",), True, object())
    with pytest.raises(TypeError):
        DisclosedDocument(b"", "text/plain", "x", object())
    for real, change in ((made, {"items": (b"{}",)}), (made, {"public": True}), (document, {"content": b"x"})):
        with pytest.raises((TypeError, ValueError)):
            dataclasses.replace(real, **change)
        with pytest.raises((TypeError, ValueError)):
            dataclasses.replace(real, key=object(), **change)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(real, *next(iter(change.items())))
    assert "Contoh" not in repr(made) + repr(copy.copy(made)) + repr(document)


@dataclasses.dataclass
class Letter:
    content: bytes = b"%PDF"
    media_type: str = "application/pdf"
    filename: str = "letter.pdf"


async def test_what_may_not_be_seen_is_left_out_whatever_the_caller_thinks(gate, log):
    _, items = await disclosed(gate, OWN, application(OTHER_NIK), application(), application(exact=False))
    assert [item["id"] for item in items] == ["apl_1"]
    assert [entry.records for entry in log.entries] == [1]
    with pytest.raises(TypeError):
        await gate.disclose_document(OWN, record(application(OTHER_NIK)), Letter(), occasion=OCCASION)


async def test_results_of_several_queries_are_disclosed_as_each_alone_and_recorded_together(gate, log):
    parts = [
        (OWN, (record(application()), record(application(OTHER_NIK), 2)), ("s",)),
        (narrow_own(PEOPLE["resident"], RESIDENT, ResidentQuery()), (), ("t", "u")),
    ]
    alone = [
        await gate.disclose(asked, records, language=Language.ENGLISH, occasion=OCCASION, systems=systems)
        for asked, records, systems in parts
    ]
    entries, log.entries = log.entries, []
    assert list(await gate.disclose_parts(parts, language=Language.ENGLISH, occasion=OCCASION)) == alone
    assert log.entries == entries
    assert len(log.calls) == len(parts) + 1
    log.broken = True
    with pytest.raises(AccessLogUnavailableError):
        await gate.disclose_parts(parts, language=Language.ENGLISH, occasion=OCCASION)


async def test_an_entry_names_the_data_classes_in_the_order_of_their_definition(gate, log):
    await disclosed(gate, OFFICE, application())
    classes = log.entries[0].classes
    assert set(classes) == OFFICE.classes
    assert list(classes) == [one for one in DataClass if one in OFFICE.classes]


async def test_one_entry_for_each_person_whose_data_was_shown(gate, log):
    bodies = (application(), application(OTHER_NIK), application(), application(None), application(region=PEKAUMAN))
    await disclosed(gate, OFFICE, *bodies)
    told = {entry.subject_fingerprint: entry for entry in log.entries}
    assert {mark: entry.records for mark, entry in told.items()} == {person(NIK): 2, person(OTHER_NIK): 1, None: 1}
    entry = told[person(NIK)]
    assert (entry.principal, entry.role, entry.purpose, entry.subject, entry.client) == (
        "account-officer",
        "officer",
        "complaint-handling",
        None,
        "app",
    )
    assert (entry.occasion, entry.resource, entry.systems, entry.result) == (OCCASION, "application", ("s",), "shown")
    assert entry.classes == ("general", "personal")
    assert NIK not in repr(log.entries)


async def test_ones_own_entries_name_the_account_and_nothing_found_is_an_entry_too(gate, log):
    await disclosed(gate, OWN, application(), application())
    await disclosed(gate, OWN)
    shown, nothing = log.entries
    assert (shown.subject, shown.subject_fingerprint, shown.purpose, shown.records) == (
        "account-resident",
        person(NIK),
        "own-access",
        2,
    )
    assert (nothing.subject, nothing.records, nothing.result) == ("account-resident", 0, "nothing-found")
    assert shown.classes == ("general", "personal", "specific")


async def test_a_look_up_that_shows_nothing_is_on_record_with_the_one_it_was_about(gate, log):
    asked = narrow_lookup(PEOPLE["officer"], RESIDENT, ResidentQuery(), Purpose.IDENTITY_VERIFICATION, nik=OTHER_NIK)
    _, items = await disclosed(gate, asked, resident(OTHER_NIK))
    assert items == []
    (entry,) = log.entries
    assert (entry.subject_fingerprint, entry.records, entry.result) == (person(OTHER_NIK), 0, "nothing-found")


async def test_a_refusal_is_on_record_with_the_one_it_was_about(gate, log):
    await gate.log_empty_access(
        OWN, occasion=OCCASION, systems=("s",), result="refused", about=[application(OTHER_NIK), application(OTHER_NIK)]
    )
    await gate.log_empty_access(OWN, occasion=OCCASION, systems=("s",), result="nothing-found")
    refused, nothing = log.entries
    assert (refused.subject_fingerprint, refused.subject, refused.records) == (person(OTHER_NIK), None, 0)
    assert (refused.role, refused.result) == ("resident", "refused")
    assert (nothing.subject_fingerprint, nothing.subject) == (person(NIK), "account-resident")


async def test_what_cannot_be_put_on_record_is_not_shown(gate, log):
    log.broken = True
    public = narrow_public(PROGRAMME, ProgrammeQuery())
    for attempt in (
        disclosed(gate, OWN, application()),
        gate.disclose_document(OWN, record(application()), Letter(), occasion=OCCASION),
        gate.disclose_own_account(
            PEOPLE["resident"], [], resource="access", language=Language.ENGLISH, occasion=OCCASION
        ),
        gate.log_empty_access(OWN, occasion=OCCASION, systems=(), result="refused"),
    ):
        with pytest.raises(AccessLogUnavailableError):
            await attempt
    assert gate.disclose_public(public, [record(programme("A"))], language=Language.ENGLISH).public


async def test_public_disclosure_is_for_public_questions_only(gate, log):
    with pytest.raises(TypeError):
        gate.disclose_public(OWN, [record(application())], language=Language.ENGLISH)
    public = narrow_public(PROGRAMME, ProgrammeQuery())
    made = gate.disclose_public(public, [record(programme("A"))], language=Language.ENGLISH)
    assert json.loads(made.items[0])["name"] == "A (en)"
    assert log.entries == []


async def test_items_are_written_with_their_resource_language_doubts_and_provenance(gate):
    _, (item,) = await disclosed(gate, OFFICE, application())
    assert list(item)[:2] == ["resource", "id"]
    assert item["resource"] == "application"
    assert item["kind"]["text"] == "Domicile"
    assert item["doubts"] == []
    assert item["provenance"]["system"] == "s"
    assert item["applicant"]["identifiers"][0]["value"] == "*" * 12 + NIK[-4:]
    assert list(item)[-1] == "provenance"


async def test_an_answer_of_several_parts_is_public_only_if_all_of_them_are(gate):
    private, _ = await disclosed(gate, OWN, application())
    public = gate.disclose_public(
        narrow_public(PROGRAMME, ProgrammeQuery()), [record(programme("A"))], language=Language.ENGLISH
    )
    joined = Disclosed.combine([private, public])
    assert (joined.public, joined.items) == (False, private.items + public.items)
    assert Disclosed.combine([public]).public is True
    assert Disclosed.combine([]).public is False
