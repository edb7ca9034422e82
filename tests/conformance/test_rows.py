"""Adapters whose rows do not do what they say, each caught by its own rule before a running simulator."""

from dataclasses import replace

import pytest

from adapters.contract import Batch, Subject
from adapters.errors import CredentialsRefusedError, QueryRefusedError, UnusableRecordError, UpstreamUnavailableError
from conformance.rules import Result
from conformance.subjects import STRANGER

pytestmark = pytest.mark.xdist_group("conformance")


def _raising(error):
    async def function(*_given):
        raise error

    return function


def _normalising(error):
    def normalise(_w):
        raise error

    return normalise


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ask": _raising(KeyError("nama"))}, "application asked .*raises KeyError"),
        ({"normalise": _normalising(TypeError("no"))}, "fails on a record with TypeError"),
        ({"normalise": _normalising(UnusableRecordError("odd"))}, "every record is set aside"),
        ({"one": _raising(UpstreamUnavailableError("no"))}, "one application.*raises UpstreamUnavailableError"),
    ],
)
def test_a_row_that_does_not_answer(letters, broken, changes, words):
    broken(letters.check("rows-answer", letters.with_row("application", **changes)), words)


def test_a_listed_record_that_cannot_be_fetched(letters, broken):
    async def one(_call, _key):
        return None

    broken(letters.check("rows-answer", letters.with_row("application", one=one)), "cannot be fetched by its key")


def test_a_key_for_everything(letters, broken):
    broken(letters.check("rows-keys", letters.with_row("application", key=lambda _w: "1")), "more than one record")


def test_another_record_than_was_asked_for(letters, broken):
    row = letters.row("application")

    async def one(call, _key):
        return await row.one(call, "surat/0003")

    broken(letters.check("rows-keys", letters.with_row("application", one=one)), "another record came")


def test_documents_that_never_come(letters, broken):
    async def content(_call, _key, _number):
        return None

    broken(letters.check("rows-documents", letters.with_row("application", content=content)), "gives a document")


def test_somebody_elses_records(letters, broken):
    row = letters.row("application")
    other = Subject(nik=letters.simulator.people["resident-renamed"])

    async def ask(call, query, mark):
        return await row.ask(replace(call, subject=other), query, mark)

    broken(letters.check("owners", letters.with_row("application", ask=ask)), r"\(resident\): a record of somebody")


def test_records_that_are_nobodys(letters, broken):
    row = letters.row("application")

    def normalise(w):
        normal = row.normalise(w)
        applicant = normal.body.applicant.model_copy(update={"identifiers": ()})
        return replace(normal, body=normal.body.model_copy(update={"applicant": applicant}))

    spec = letters.with_row("application", normalise=normalise)
    broken(letters.check("owners", spec), "no record states without doubt whose it is")


def test_a_stranger_who_is_refused(letters, broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        if call.subject is not None and call.subject.nik == STRANGER:
            raise QueryRefusedError("who is that?")
        return await row.ask(call, query, mark)

    spec = letters.with_row("application", ask=ask)
    broken(letters.check("strangers", spec), "a stranger: raises QueryRefusedError")


def test_a_question_about_nobody_that_brings_everything(letters, broken):
    row = letters.row("application")
    somebody = Subject(nik=letters.simulator.people["resident"])

    async def ask(call, query, mark):
        return await row.ask(call if call.subject else replace(call, subject=somebody), query, mark)

    broken(letters.check("strangers", letters.with_row("application", ask=ask)), "of nobody: [0-9]+ records came")


def test_a_key_that_is_no_key(letters, broken):
    row = letters.row("application")

    async def one(call, key):
        return await row.one(call, f"surat/{int(key.partition('/')[2]):04d}")

    spec = letters.with_row("application", one=one)
    broken(letters.check("unknown-keys", spec), "by what is no key raises ValueError")


def test_a_filter_that_is_not_honoured(letters, broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        other = query.model_copy(update={"region": "63.71.01.1003"}) if query.region else query
        return await row.ask(call, other, mark)

    spec = letters.with_row("application", ask=ask)
    broken(letters.check("filters", spec), "records came that do not meet it.*known records that meet it did not come")


def test_a_page_that_comes_again_for_ever(letters, broken):
    row = letters.row("application")

    async def ask(call, query, _mark):
        return replace(await row.ask(call, query, None), next="again")

    broken(letters.check("paging", letters.with_row("application", ask=ask)), "does not come to an end")


def test_pages_that_overlap(letters, broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        # Forgets which row was the last one, so that the overlap comes twice.
        return await row.ask(call, query, mark and f"{mark.partition(' ')[0]} ")

    broken(letters.check("paging", letters.with_row("application", ask=ask)), "10 records come on more than one page")


def test_a_feed_that_closes_no_snapshot(letters, broken):
    row = letters.row("service")

    async def feed(call, mark):
        async for batch in row.feed(call, mark):
            yield replace(batch, whole=False)

    broken(letters.check("feed-ends", letters.with_row("service", feed=feed)), "closes no snapshot")


def test_a_feed_that_brings_nothing_at_all(letters, broken):
    async def feed(_call, _mark):
        for batch in ():
            yield batch

    broken(letters.check("feed-ends", letters.with_row("service", feed=feed)), "service: .*closes no snapshot")


def test_a_feed_that_never_ends(letters, broken):
    async def feed(_call, _mark):
        while True:
            yield Batch((), next="more")

    broken(letters.check("feed-ends", letters.with_row("service", feed=feed)), "the feed does not end")


@pytest.mark.parametrize(
    ("taken_up", "words"), [(lambda _mark: None, "repeats"), (lambda mark: str(int(mark or 0) + 1), "loses")]
)
def test_a_feed_that_goes_on_elsewhere(letters, broken, taken_up, words):
    row = letters.row("service")

    async def feed(call, mark):
        async for batch in row.feed(call, mark and taken_up(mark)):
            yield batch

    broken(letters.check("feed-resumes", letters.with_row("service", feed=feed)), f"taken up after 1 batches.*{words}")


async def _yes(_call):
    return None


@pytest.mark.parametrize("rule", ["probe", "probe-credentials"])
def test_a_probe_that_always_says_yes(letters, broken, rule):
    words = {"probe": "not there does not raise", "probe-credentials": "with a wrong password the probe says yes"}
    broken(letters.check(rule, replace(letters.spec, probe=_yes)), words[rule])


def test_wrong_credentials_that_are_called_something_else(register, broken):
    async def probe(call):
        try:
            await register.spec.probe(call)
        except CredentialsRefusedError:
            raise UpstreamUnavailableError("no") from None

    broken(register.check("probe-credentials", replace(register.spec, probe=probe)), "raises UpstreamUnavailableError")


def test_where_no_row_answers_there_is_nothing_to_damage(lists):
    silent = replace(lists.spec, reads=(), probe=_raising(UpstreamUnavailableError("away")))
    for rule in ("hostile-folder", "hostile-files", "faults", "paging-moving", "hostile-fields"):
        finding = lists.check(rule, silent)
        assert (finding.result, finding.reason) == (
            Result.NOT_APPLICABLE,
            "no row answers even when nothing is wrong",
        )


def test_what_does_not_apply_is_said(register, lists):
    said = {rule: register.check(rule) for rule in ("feed-ends", "write-once", "filters", "hostile-files")}
    assert {finding.result for finding in said.values()} == {Result.NOT_APPLICABLE}
    assert [finding.reason for finding in said.values()] == [
        "no row is fed",
        "the adapter has no writes",
        "no row pushes a filter",
        "the system drops no files",
    ]
    assert lists.check("hostile-pages").reason == "the system is not reached over HTTP"
