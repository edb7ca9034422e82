"""Adapters whose rows do not behave as declared: each fails its rule on a running simulator."""

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
        ({"ask": _raising(KeyError("nama"))}, "list of application .*raises KeyError"),
        ({"normalise": _normalising(TypeError("no"))}, "fails on a record with TypeError"),
        ({"normalise": _normalising(UnusableRecordError("odd"))}, "every record is set aside"),
        ({"one": _raising(UpstreamUnavailableError("no"))}, "record of application.*raises UpstreamUnavailableError"),
    ],
)
def test_a_row_that_does_not_answer(letters, assert_broken, changes, words):
    assert_broken(letters.check("rows-answer", letters.with_row("application", **changes)), words)


def test_a_listed_record_that_cannot_be_fetched(letters, assert_broken):
    async def one(_call, _key):
        return None

    assert_broken(
        letters.check("rows-answer", letters.with_row("application", one=one)), "cannot be fetched by its key"
    )


def test_one_key_for_every_record(letters, assert_broken):
    assert_broken(
        letters.check("rows-keys", letters.with_row("application", key=lambda _w: "1")), "shared by several records"
    )


def test_a_record_with_another_key_than_requested(letters, assert_broken):
    row = letters.row("application")

    async def one(call, _key):
        return await row.one(call, "surat/0003")

    assert_broken(letters.check("rows-keys", letters.with_row("application", one=one)), "the record has another key")


def test_documents_that_never_come(letters, assert_broken):
    async def content(_call, _key, _number):
        return None

    assert_broken(letters.check("rows-documents", letters.with_row("application", content=content)), "has a document")


def test_records_of_another_person(letters, assert_broken):
    row = letters.row("application")
    other = Subject(nik=letters.simulator.people["resident-renamed"])

    async def ask(call, query, mark):
        return await row.ask(replace(call, subject=other), query, mark)

    assert_broken(
        letters.check("owners", letters.with_row("application", ask=ask)), r"\(resident\): a record of another person"
    )


def test_records_without_an_owner(letters, assert_broken):
    row = letters.row("application")

    def normalise(w):
        normal = row.normalise(w)
        applicant = normal.body.applicant.model_copy(update={"identifiers": ()})
        return replace(normal, body=normal.body.model_copy(update={"applicant": applicant}))

    spec = letters.with_row("application", normalise=normalise)
    assert_broken(letters.check("owners", spec), "no record states its owner without doubt")


def test_a_stranger_who_is_refused(letters, assert_broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        if call.subject is not None and call.subject.nik == STRANGER:
            raise QueryRefusedError("who is that?")
        return await row.ask(call, query, mark)

    spec = letters.with_row("application", ask=ask)
    assert_broken(letters.check("strangers", spec), "an unknown NIK: raises QueryRefusedError")


def test_a_list_without_subject_that_returns_everything(letters, assert_broken):
    row = letters.row("application")
    somebody = Subject(nik=letters.simulator.people["resident"])

    async def ask(call, query, mark):
        return await row.ask(call if call.subject else replace(call, subject=somebody), query, mark)

    assert_broken(
        letters.check("strangers", letters.with_row("application", ask=ask)),
        "without a subject: [0-9]+ records are returned",
    )


def test_a_malformed_key_that_raises(letters, assert_broken):
    row = letters.row("application")

    async def one(call, key):
        return await row.one(call, f"surat/{int(key.partition('/')[2]):04d}")

    spec = letters.with_row("application", one=one)
    assert_broken(letters.check("unknown-keys", spec), "by a malformed key raises ValueError")


def test_a_filter_that_is_not_honoured(letters, assert_broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        other = query.model_copy(update={"region": "63.71.01.1003"}) if query.region else query
        return await row.ask(call, other, mark)

    spec = letters.with_row("application", ask=ask)
    assert_broken(
        letters.check("filters", spec), "returned records do not match it.*known matching records are missing"
    )


def test_a_page_that_comes_again_for_ever(letters, assert_broken):
    row = letters.row("application")

    async def ask(call, query, _mark):
        return replace(await row.ask(call, query, None), next="again")

    assert_broken(letters.check("paging", letters.with_row("application", ask=ask)), "paging does not end")


def test_pages_that_overlap(letters, assert_broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        # Omits the last row from the mark, so that the overlap is returned twice.
        return await row.ask(call, query, mark and f"{mark.partition(' ')[0]} ")

    assert_broken(
        letters.check("paging", letters.with_row("application", ask=ask)), "10 records are on more than one page"
    )


def test_a_feed_that_closes_no_snapshot(letters, assert_broken):
    row = letters.row("service")

    async def feed(call, mark):
        async for batch in row.feed(call, mark):
            yield replace(batch, whole=False)

    assert_broken(letters.check("feed-ends", letters.with_row("service", feed=feed)), "does not close a snapshot")


def test_a_feed_without_batches(letters, assert_broken):
    async def feed(_call, _mark):
        for batch in ():
            yield batch

    assert_broken(
        letters.check("feed-ends", letters.with_row("service", feed=feed)), "service: .*does not close a snapshot"
    )


def test_a_feed_that_never_ends(letters, assert_broken):
    async def feed(_call, _mark):
        while True:
            yield Batch((), next="more")

    assert_broken(letters.check("feed-ends", letters.with_row("service", feed=feed)), "the feed does not end")


@pytest.mark.parametrize(
    ("taken_up", "words"), [(lambda _mark: None, "repeats"), (lambda mark: str(int(mark or 0) + 1), "loses")]
)
def test_a_feed_that_resumes_from_another_mark(letters, assert_broken, taken_up, words):
    row = letters.row("service")

    async def feed(call, mark):
        async for batch in row.feed(call, mark and taken_up(mark)):
            yield batch

    assert_broken(
        letters.check("feed-resumes", letters.with_row("service", feed=feed)), f"resumed after 1 batches.*{words}"
    )


async def _yes(_call):
    return None


@pytest.mark.parametrize("rule", ["probe", "probe-credentials"])
def test_a_probe_that_always_succeeds(letters, assert_broken, rule):
    words = {
        "probe": "unreachable system does not raise",
        "probe-credentials": "with a wrong password the probe succeeds",
    }
    assert_broken(letters.check(rule, replace(letters.spec, probe=_yes)), words[rule])


def test_wrong_credentials_that_raise_another_error(register, assert_broken):
    async def probe(call):
        try:
            await register.spec.probe(call)
        except CredentialsRefusedError:
            raise UpstreamUnavailableError("no") from None

    assert_broken(
        register.check("probe-credentials", replace(register.spec, probe=probe)), "raises UpstreamUnavailableError"
    )


def test_damage_rules_do_not_apply_without_answers(lists):
    silent = replace(lists.spec, reads=(), probe=_raising(UpstreamUnavailableError("away")))
    for rule in ("hostile-folder", "hostile-files", "faults", "paging-moving", "hostile-fields"):
        finding = lists.check(rule, silent)
        assert (finding.result, finding.reason) == (
            Result.NOT_APPLICABLE,
            "no row returns anything even from the undamaged simulator",
        )


def test_reasons_of_rules_that_do_not_apply(register, lists):
    said = {rule: register.check(rule) for rule in ("feed-ends", "write-once", "filters", "hostile-files")}
    assert {finding.result for finding in said.values()} == {Result.NOT_APPLICABLE}
    assert [finding.reason for finding in said.values()] == [
        "no row is fed",
        "the adapter has no writes",
        "no row declares pushed filters",
        "the system delivers no files",
    ]
    assert lists.check("hostile-pages").reason == "the system is not reached over HTTP"
