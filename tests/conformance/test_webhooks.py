"""Webhooks that do not do what they say, each caught by its own rule before the simulator that pushes."""

import importlib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from adapters.contract import Batch, WebhookReply, WebhookRequest
from adapters.errors import UpstreamMalformedError
from conformance import webhooks
from conformance.simulator_process import running_simulator
from tests.conformance.conftest import SYSTEMS, Workshop

pytestmark = pytest.mark.xdist_group("conformance")


class Stored(BaseModel):
    key: str


@pytest.fixture(scope="module")
def complaints(tmp_path_factory, processes):
    """lapor: fed, asked, and pushed to us by a system that repeats itself."""
    package = importlib.import_module("adapters.lapor")
    folder = tmp_path_factory.mktemp("complaints")
    with running_simulator(package.SPEC, folder / "city", SYSTEMS) as simulator:
        yield Workshop(package.SPEC, package, simulator, folder)


def _with_webhook(shop, **changes):
    fed, *others = shop.spec.reads
    return replace(shop.spec, reads=(replace(fed, webhook=replace(fed.webhook, **changes)), *others))


def test_an_answer_that_the_system_does_not_understand(complaints, broken):
    spec = _with_webhook(complaints, reply=lambda _outcome: WebhookReply(b"{}", "application/json"))
    broken(complaints.check("webhook-stores", spec), "the system does not understand the answer")


def test_a_push_that_is_known_by_its_attempt(complaints, broken):
    spec = _with_webhook(complaints, delivery=lambda request: request.headers["x-lapor-percobaan"])
    broken(complaints.check("webhook-once", spec), "a repeated push is stored [2-9] times")


def test_a_webhook_that_lets_anybody_in(complaints, broken):
    spec = _with_webhook(complaints, authenticate=lambda *_given: True)
    broken(complaints.check("webhook-sender", spec), "a push with no headers at all is let in")


def test_a_webhook_that_fails_on_what_it_cannot_read(complaints, broken):
    real = complaints.spec.reads[0].webhook.read

    def read(request):
        try:
            return real(request)
        except UpstreamMalformedError:
            raise KeyError("data") from None

    broken(complaints.check("webhook-damaged", _with_webhook(complaints, read=read)), "makes it raise KeyError")


def test_a_pushed_record_that_cannot_be_a_body_is_set_aside_as_at_the_gateway():
    def normalise(_wire):
        return Stored.model_validate({"key": 1})

    row = SimpleNamespace(webhook=SimpleNamespace(read=lambda _request: Batch(("wire",))), normalise=normalise, key=str)
    assert webhooks._read(row, WebhookRequest({}, b"{}")) is None
