"""An answer is accepted only if it is signed for this request; a repeated request gets a new nonce once."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.errors import CredentialsRefusedError, QueryRefusedError, UpstreamMalformedError
from simulators.pbb.adapter.protocol import Answer, Nonces, Protocol, Question, digest_of
from tests.adapters.remote.conftest import KEY_ID, Gate, Rogue, bill

pytestmark = pytest.mark.anyio


def _without(name: str) -> Callable[[Question, Answer], Answer]:
    return lambda _question, answer: replace(
        answer, headers={key: value for key, value in answer.headers.items() if key != name}
    )


def _touched(_question: Question, answer: Answer) -> Answer:
    """Somebody on the way has changed an amount, and mended the digest."""
    content = answer.content.replace(b"85500", b"55500")
    return replace(answer, content=content, headers={**answer.headers, "content-digest": digest_of(content)})


SPOILT: dict[str, Callable[[Question, Answer], Answer]] = {
    "no signature": _without("signature"),
    "no signature-input": _without("signature-input"),
    "no digest": _without("content-digest"),
    "changed on the way": _touched,
    "a header changed": lambda _q, answer: replace(
        answer, headers={**answer.headers, "signature": answer.headers["signature"].replace("=:", "=:A", 1)}
    ),
    "a status that means no answer": lambda _q, answer: replace(answer, status=202),
}


@pytest.mark.parametrize("how", SPOILT)
async def test_what_is_not_signed_as_agreed_is_malformed(gate: Gate, rogue: Rogue, how: str) -> None:
    rogue.answers(bill())
    rogue.spoil = SPOILT[how]
    with pytest.raises(UpstreamMalformedError):
        await gate.bills()
    rogue.spoil = lambda _question, answer: answer
    assert len((await gate.bills()).items) == 1


async def test_an_answer_signed_with_another_secret_is_malformed(gate: Gate, rogue: Rogue, tmp_path: Any) -> None:
    """The adapter knows our secret well enough to let us in, and signs with its own."""
    rogue.answers(bill())
    (tmp_path / "other").mkdir()
    nonces = Nonces(tmp_path / "other" / "nonces.sqlite")

    class _Careless(Protocol):
        def _verify(self, question: Question) -> Any:
            return rogue.protocol._verify(question)

    careless = _Careless({KEY_ID: "x" * 40}, nonces, rogue.routes, time.time)
    rogue.spoil = lambda question, _answer: careless.answer(question)
    with pytest.raises(UpstreamMalformedError, match="signature is missing or wrong"):
        await gate.bills()
    nonces.close()


async def test_an_old_answer_is_not_believed(gate: Gate, rogue: Rogue) -> None:
    """Signed with the right secret, to the very same question, a moment ago: and yet to another request."""
    rogue.answers(bill())
    assert len((await gate.bills()).items) == 1
    kept: list[Answer] = []
    rogue.spoil = lambda _question, answer: kept.append(answer) or answer
    await gate.bills()
    rogue.spoil = lambda _question, _answer: kept[0]
    for _ in range(2):
        with pytest.raises(UpstreamMalformedError, match="signature is missing or wrong"):
            await gate.bills()


async def test_whoever_does_not_know_us_refuses_our_credentials(gate: Gate, rogue: Rogue) -> None:
    rogue.answers(bill())
    for wrong in ({"secret": "z" * 40}, {"keyid": "somebody"}):
        with pytest.raises(CredentialsRefusedError):
            await gate.bills(**wrong)
    rogue.protocol._clock = lambda: time.time() + 120
    with pytest.raises(CredentialsRefusedError):
        await gate.bills()


async def test_a_request_that_the_stack_repeats_is_signed_anew(gate: Gate, rogue: Rogue) -> None:
    """The connection is lost after the adapter has seen the nonce; the stack repeats the request as it was."""
    rogue.answers(bill())

    def lose_one(_question: Question, answer: Answer) -> Answer:
        if len(rogue.asked) == 1:
            raise ConnectionAbortedError
        return answer

    rogue.spoil = lose_one
    assert len((await gate.bills()).items) == 1
    nonces = [question.headers["signature-input"].partition("nonce=")[2][:24] for question in rogue.asked]
    assert len(rogue.asked) == 3
    assert nonces[0] == nonces[1] != nonces[2]


async def test_an_adapter_that_has_seen_every_nonce_is_not_asked_for_ever(gate: Gate, rogue: Rogue) -> None:
    rogue.spoil = lambda _question, answer: replace(answer, status=409)
    with pytest.raises(QueryRefusedError):
        await gate.bills()
    assert len(rogue.asked) == 2


async def test_a_prefix_of_the_address_is_part_of_what_is_signed(gate: Gate, rogue: Rogue) -> None:
    rogue.routes["POST", "/adaptor/pbb/reads/bill/ask"] = lambda _message: {"items": [bill()]}
    assert len((await gate.bills(base_url=f"{rogue.url}/adaptor/pbb/")).items) == 1
