"""The depth of JSON is exact for what is valid, and never too small for what a parser would reach."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import UpstreamMalformedError
from gateway.upstream.http.json_depth import check_depth

TEXTS = st.text(st.sampled_from('[]{}"\\/ab\n\u00e9,:'), max_size=12)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=25,
)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


def passes(content: bytes, limit: int) -> bool:
    try:
        check_depth(content, limit)
    except UpstreamMalformedError:
        return False
    return True


def reached(content: bytes) -> int:
    """How deep a plain scanner gets before the first closer that closes nothing."""
    deepest, stack, text, escaped = 0, [], False, False
    for char in content:
        if text:
            text, escaped = not (char == 0x22 and not escaped), char == 0x5C and not escaped
        elif char == 0x22:
            text = True
        elif char in b"[{":
            stack.append(char)
            deepest = max(deepest, len(stack))
        elif char in b"]}":
            if not stack or stack.pop() != char - 2:
                break
        elif char == 0x5C:
            break
    return deepest


@given(
    tree=st.lists(TREES, max_size=4) | st.dictionaries(TEXTS, TREES, max_size=4),
    escaped=st.booleans(),
    limit=st.integers(1, 8),
)
def test_valid_json_is_measured_exactly(tree, escaped, limit):
    content = json.dumps(tree, ensure_ascii=escaped).encode()
    assert passes(content, limit) == (depth_of(tree) <= limit)
    assert passes(b"\xef\xbb\xbf \n" + content, limit) == (depth_of(tree) <= limit)


@given(content=st.text(st.sampled_from('[]{}"\\a1,:'), max_size=60).map(str.encode), limit=st.integers(0, 6))
def test_broken_json_is_never_found_shallower_than_a_parser_would_get(content, limit):
    if content[:1] in {b"[", b"{"} and passes(content, limit):
        assert reached(content) <= limit


@pytest.mark.parametrize("content", [b"", b"<p>[[[[[[</p>", b'"[[[["', b"  ", b"\x89PNG[[[["])
def test_what_is_not_json_passes(content):
    check_depth(content, 1)


@pytest.mark.parametrize(
    "content", [b"[" * 4_000_000, b'{"a":' * 800_000, b"[]" * 2_000_000, b"[" + b'"\\"[",' * 600_000, b"[}" * 2_000_000]
)
def test_hostile_bodies_cost_little(content):
    began = time.process_time()
    passes(content, 64)
    assert time.process_time() - began < 3
