"""Faulty webhooks: each fails its rule on a simulator that pushes."""

import importlib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from adapters.contract import Batch, WebhookReply, WebhookRequest
from adapters.errors import UpstreamMalformedError
from conformance import webhooks
from conformance.simulator_process import running_simulator
from tests.conformance.conftest import SYSTEMS, AdapterUnderTest

pytestmark = pytest.mark.xdist_group("conformance")


class Stored(BaseModel):
    key: str


@pytest.fixture(scope="module")
def complaints(tmp_path_factory, processes):
    """lapor: a feed, lists, and pushes from a system that repeats them."""
    package = importlib.import_module("adapters.lapor")
    folder = tmp_path_factory.mktemp("complaints")
    with running_simulator(package.SPEC, folder / "city", SYSTEMS) as simulator:
        yield AdapterUnderTest(package.SPEC, package, simulator, folder)


def _with_webhook(adapter, **changes):
    fed, *others = adapter.spec.reads
    return replace(adapter.spec, reads=(replace(fed, webhook=replace(fed.webhook, **changes)), *others))


def test_an_answer_that_the_system_does_not_accept(complaints, assert_broken):
    spec = _with_webhook(complaints, reply=lambda _outcome: WebhookReply(b"{}", "application/json"))
    assert_broken(complaints.check("webhook-stores", spec), "the system does not accept the answer")


def test_a_push_identified_by_its_attempt_number(complaints, assert_broken):
    spec = _with_webhook(complaints, delivery_id=lambda request: request.headers["x-lapor-percobaan"])
    assert_broken(complaints.check("webhook-once", spec), "a repeated push is stored [2-9] times")


def test_a_webhook_without_authentication(complaints, assert_broken):
    spec = _with_webhook(complaints, authenticate=lambda *_given: True)
    assert_broken(complaints.check("webhook-sender", spec), "a push with no headers at all is accepted")


def test_a_webhook_that_fails_on_a_damaged_push(complaints, assert_broken):
    real = complaints.spec.reads[0].webhook.read

    def read(request):
        try:
            return real(request)
        except UpstreamMalformedError:
            raise KeyError("data") from None

    assert_broken(complaints.check("webhook-damaged", _with_webhook(complaints, read=read)), "makes it raise KeyError")


def test_a_pushed_record_that_cannot_be_a_body_is_set_aside_as_at_the_gateway():
    def normalise(_wire):
        return Stored.model_validate({"key": 1})

    row = SimpleNamespace(webhook=SimpleNamespace(read=lambda _request: Batch(("wire",))), normalise=normalise, key=str)
    assert webhooks._read(row, WebhookRequest({}, b"{}")) is None
