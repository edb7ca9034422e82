"""Sealing: what was sealed opens for its own use only, ids stay the same, and the key is kept to its owner."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ground.sealing import MasterKeyError, Sealer, UnsealError, decode_master_key, load_master_key

SEALER = Sealer(b"\1" * 32)
OTHER = Sealer(b"\2" * 32)
uses = st.sampled_from(["record-id", "cursor", "held-result"])


@given(plain=st.binary(max_size=200), use=uses, bound_to=st.text(max_size=5))
def test_what_is_sealed_opens_for_its_use_and_its_holder_only(plain, use, bound_to):
    sealed = SEALER.seal(use, plain, bound_to=bound_to)
    assert SEALER.unseal(use, sealed, bound_to=bound_to) == plain
    assert sealed != SEALER.seal(use, plain, bound_to=bound_to)
    for sealer, other_use, other_bound in (
        (OTHER, use, bound_to),
        (SEALER, f"{use}s", bound_to),
        (SEALER, use, f"{bound_to}."),
    ):
        with pytest.raises(UnsealError):
            sealer.unseal(other_use, sealed, bound_to=other_bound)


@given(sealed=st.binary(max_size=80))
def test_nothing_else_opens(sealed):
    with pytest.raises(UnsealError):
        SEALER.unseal("cursor", sealed)


@given(plain=st.binary(max_size=200), use=uses, data=st.data())
def test_a_token_is_always_the_same_and_opens_as_written_only(plain, use, data):
    text = SEALER.token(use, plain)
    assert text == Sealer(b"\1" * 32).token(use, plain)
    assert SEALER.open_token(use, text) == plain
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("AZaz09-_=+/ \né"))
    for changed in (text[:at] + other + text[at + 1 :], text[:at], f"{text}=", f" {text}", f"{text}\n"):
        if changed != text:
            with pytest.raises(UnsealError):
                SEALER.open_token(use, changed)
    for sealer, other_use in ((OTHER, use), (SEALER, f"{use}s")):
        with pytest.raises(UnsealError):
            sealer.open_token(other_use, text)


@given(text=st.text(max_size=60))
def test_no_text_that_is_not_ours_opens(text):
    with pytest.raises(UnsealError):
        SEALER.open_token("cursor", text)


@given(plain=st.binary(max_size=200), use=uses, context=st.binary(max_size=20), data=st.data())
def test_a_short_seal_is_always_the_same_and_opens_as_written_for_its_context_only(plain, use, context, data):
    seal = SEALER.short_seal(use)
    text = seal.seal(plain, context)
    assert text == Sealer(b"\1" * 32).short_seal(use).seal(plain, context)
    assert len(text) == -(-4 * (len(plain) + 9) // 3)
    others = data.draw(st.lists(st.binary(max_size=20).filter(lambda other: other != context), max_size=3))
    assert seal.open(text, [*others, context]) == (plain, context)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("AZaz09-_=+/ \né"))
    for changed in (text[:at] + other + text[at + 1 :], text[:at], f"{text}=", f" {text}", f"{text}\n"):
        if changed != text:
            with pytest.raises(UnsealError):
                seal.open(changed, [context])
    for opener, contexts in (
        (seal, others),
        (OTHER.short_seal(use), [context]),
        (SEALER.short_seal(f"{use}s"), [context]),
    ):
        with pytest.raises(UnsealError):
            opener.open(text, contexts)


@given(context=st.binary(min_size=1, max_size=20), plain=st.binary(max_size=20))
def test_a_short_seal_does_not_confuse_the_end_of_a_context_with_what_is_sealed(context, plain):
    seal = SEALER.short_seal("record-id")
    shorter, longer = seal.seal(context[-1:] + plain, context[:-1]), seal.seal(plain, context)
    assert shorter[:12] != longer[:12]


@given(text=st.text(max_size=60))
def test_no_text_that_is_not_ours_opens_as_a_short_seal(text):
    with pytest.raises(UnsealError):
        SEALER.short_seal("record-id").open(text, [b"", b"context"])


def test_short_seals_of_one_text_in_two_contexts_have_nothing_in_common():
    one, other = (SEALER.short_seal("record-id").seal(bytes(300), context) for context in (b"1", b"2"))
    assert sum(a == b for a, b in zip(one, other, strict=True)) < 30


def test_a_fingerprint_recognises_and_tells_nothing():
    nik = "6371994502900011"
    mark = SEALER.fingerprint("person", nik)
    assert mark == SEALER.fingerprint("person", nik)
    assert len({mark, SEALER.fingerprint("nik", nik), OTHER.fingerprint("person", nik)}) == 3
    assert len(mark) == 64
    assert not set(mark) - set("0123456789abcdef")


@pytest.mark.parametrize("encode", [base64.urlsafe_b64encode, base64.b64encode])
def test_a_master_key_may_be_written_in_either_alphabet(encode):
    key = bytes(range(224, 256))
    assert decode_master_key(encode(key).decode()) == key
    assert decode_master_key(f" {encode(key).decode().rstrip('=')}\n") == key


@pytest.mark.parametrize("text", ["", "short", "!" * 43, "A" * 42, "A" * 44, "é" * 43, "A" * 20 + " " + "A" * 22])
def test_any_other_text_is_no_master_key(text, tmp_path):
    with pytest.raises(MasterKeyError):
        Sealer(decode_master_key(text))
    kept = tmp_path / "master.key"
    kept.write_text(text, encoding="utf-8")
    with pytest.raises(MasterKeyError):
        Sealer(load_master_key(kept))


def test_the_kept_key_is_made_once_for_its_owner_whoever_comes_first(tmp_path):
    path = tmp_path / "home" / "master.key"
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: load_master_key(path), range(8)))
    assert len(made) == 1
    assert made == {load_master_key(path)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [other.name for other in path.parent.iterdir()] == ["master.key"]


def test_a_key_that_cannot_be_kept_is_told_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MasterKeyError, match="cannot be read"):
        load_master_key(tmp_path / "file" / "master.key")
