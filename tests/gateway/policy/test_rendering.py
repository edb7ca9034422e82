"""Rendering: the bytes of a record are those of its masked body, of every resource and profile, in every view."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import computed_field, model_serializer
from pydantic_core import to_json

from gateway.policy.body_serializers import View, body_serializer
from gateway.policy.masks import mask, visible_doubts
from gateway.policy.narrowing import CallerView, PermittedQuery
from gateway.policy.rendering import render_records
from gateway.policy.scopes import RELEASE_SCOPE
from schemas.classes import DataClass, general, personal, specific
from schemas.doubts import Doubt, DoubtCode
from schemas.identifiers import Person
from schemas.programme import PROGRAMME
from schemas.records import Body, Provenance, Record
from schemas.resources import Owner, Query, Resource
from schemas.texts import Language, Text
from tests.gateway.fakes import PEOPLE, programme
from tests.loops import examples
from tests.schemas.bodies import bodies, every_resource

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
RESIDENT = PEOPLE["resident"]
RELEASED = replace(RESIDENT, scopes=RESIDENT.scopes | {RELEASE_SCOPE})
VIEWS = [
    (CallerView.PUBLIC, None),
    (CallerView.SELF, RESIDENT),
    (CallerView.SELF, RELEASED),
    (CallerView.OFFICER, PEOPLE["officer"]),
]
SOURCES = [
    Provenance(system="lapor", fetched_at=AT),
    Provenance(system="e-puskesmas", office="pekauman", fetched_at=AT, as_of=AT),
]


class Invented(Body):
    """A generic body with fields that are hidden although they are required."""

    title: Annotated[str | None, personal("Judul", "Title")] = None
    about: Annotated[Person, specific("Tentang", "About")]
    secret: Annotated[str, personal("Rahasia", "Secret")]
    notes: Annotated[tuple[str, ...], specific("Catatan", "Notes")]
    took: Annotated[timedelta | None, general("Lama", "Duration")] = None


class InventedProfile(Invented):
    """A profile whose fields have other classes and types than those of its generic body."""

    title: Annotated[str, personal("Judul", "Title")]
    secret: Annotated[str, general("Umum", "Not secret")]
    more: Annotated[Person, personal("Lagi", "More")]


INVENTED = Resource(
    name="invented",
    prefix="inv",
    title=Text(id="Karangan"),
    body=Invented,
    query=Query,
    order=("id",),
    owner=lambda _body: Owner(),
    matches=lambda _body, _query: True,
)
PROFILE = replace(INVENTED, name="invented-profile", body=InventedProfile, generic=INVENTED)
RESOURCES = [*every_resource(), INVENTED, PROFILE]
FORMS = [(resource, None) for resource in RESOURCES] + [
    (resource, resource.generic.body) for resource in RESOURCES if resource.generic is not None
]
forms = pytest.mark.parametrize(
    ("resource", "shown_as"), FORMS, ids=lambda value: getattr(value, "name", getattr(value, "__name__", None))
)


def plainly_rendered(permitted, record, language):
    """A record as rendering is defined: mask a copy of the body, take the generic fields, and write what is left."""
    body = mask(record.body, permitted.classes, release_numbers=permitted.releases_numbers)
    doubts = visible_doubts(record, permitted.classes)
    if permitted.shown_as is not None:
        fields = permitted.shown_as.model_fields
        body = permitted.shown_as.model_construct(**{name: getattr(body, name) for name in fields})
        doubts = [doubt for doubt in doubts if not doubt.field or doubt.field.split("/")[1] in fields]
    head = to_json({"resource": permitted.resource.name, "id": record.id})
    rest = to_json({"doubts": doubts, "provenance": record.provenance})
    middle = body.model_dump_json(context={"language": language}).encode()
    return head[:-1] + b"," + middle[1:-1] + b"," + rest[1:]


def question(resource, shown_as, view, principal):
    return PermittedQuery(
        resource=resource, query=resource.query(), view=view, principal=principal, purpose=None, shown_as=shown_as
    )


@st.composite
def records(draw, resource):
    """Records of a resource, with doubts about any of its fields."""
    found = []
    for number in range(draw(st.integers(0, 3))):
        body = draw(bodies(resource.body))
        pointers = st.sampled_from(["", None, *(f"/{name}" for name in type(body).model_fields)])
        doubt = st.builds(
            Doubt, code=st.sampled_from(DoubtCode), field=pointers, original=st.none() | st.text(max_size=9)
        )
        doubts = tuple(draw(st.lists(doubt, max_size=2)))
        found.append(Record(f'{resource.prefix}_{number}"é', "k", body, draw(st.sampled_from(SOURCES)), doubts))
    return found


@forms
@given(data=st.data())
@settings(max_examples=examples(25), deadline=None)
def test_records_are_written_as_their_masked_bodies(resource, shown_as, data):
    view, principal = data.draw(st.sampled_from(VIEWS))
    language = data.draw(st.sampled_from(Language))
    permitted = question(resource, shown_as, view, principal)
    found = data.draw(records(resource))
    expected = tuple(plainly_rendered(permitted, record, language) for record in found)
    assert render_records(permitted, found, language) == expected


def test_two_sources_with_the_same_instant_keep_their_own_time_zones():
    here = SOURCES[0].model_copy(update={"fetched_at": AT.astimezone()})
    found = [Record(f"prg_{n}", "k", programme("x"), source) for n, source in enumerate([SOURCES[0], here])]
    permitted = question(PROGRAMME, None, CallerView.PUBLIC, None)
    assert render_records(permitted, found, Language.ENGLISH) == tuple(
        plainly_rendered(permitted, record, Language.ENGLISH) for record in found
    )
    assert here == SOURCES[0]


def test_a_model_that_writes_itself_is_refused():
    class Written(Person):
        @model_serializer
        def write(self):
            return {"name": self.name}

    class Computed(Person):
        @computed_field
        def shout(self) -> str:
            return str(self.name).upper()

    for person in (Written, Computed):
        body = type("Own", (Body,), {"__annotations__": {"person": Annotated[person, general("Orang", "Person")]}})
        with pytest.raises(TypeError, match="cannot be masked"):
            body_serializer(body, View(frozenset(DataClass), True, Language.ENGLISH))
