"""Zip archives from outside: bombs, cut ones, and honest ones."""

import io
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import UpstreamMalformedError
from adapters.legacy.archives import Archive


def _packed(parts: dict[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", compression) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return made.getvalue()


def _opened(content: bytes) -> Archive:
    return Archive(content, max_parts=3, max_unpacked=1_000_000)


def test_parts_come_as_they_were_packed() -> None:
    archive = _opened(_packed({"a.txt": b"abc", "b.txt": b""}))
    assert (archive.part("a.txt"), archive.part("b.txt"), archive.part("c.txt")) == (b"abc", b"", None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        _packed({"a.txt": b"abc"})[:-5],
        _packed({f"{number}.txt": b"" for number in range(4)}),
        _packed({"a.txt": b" " * 1_000_001}),
        _packed({"a.txt": b" " * 900_000}),  # shrinks too well to be honest
        _packed({"a.txt": b"abc"}, ZIP_BZIP2),
    ],
    # Archives hold the moment at which they were made: as names of tests they would differ from worker to worker.
    ids=["empty", "head", "cut-off", "too-many", "too-large", "too-well-packed", "bzip2"],
)
def test_what_is_no_modest_archive_is_refused(content: bytes) -> None:
    with pytest.raises(UpstreamMalformedError):
        _opened(content)


def test_a_part_that_unpacks_to_more_than_it_says_is_refused() -> None:
    lying = bytearray(_packed({"a.txt": b"x" * 5000}))
    at = lying.rindex(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (10).to_bytes(4, "little")
    archive = _opened(bytes(lying))
    with pytest.raises(UpstreamMalformedError):
        archive.part("a.txt")


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_archive_is_refused_or_still_right(at: int, byte: int) -> None:
    damaged = bytearray(_packed({"a.txt": b"abc" * 20}))
    damaged[at % len(damaged)] = byte
    try:
        content = _opened(bytes(damaged)).part("a.txt")
    except UpstreamMalformedError:
        return
    assert content in (None, b"abc" * 20)
