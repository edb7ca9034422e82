"""The protocol buffer reader: what it reads, and that nothing makes it do more than refuse."""

import struct

import pytest
from google.transit import gtfs_realtime_pb2
from hypothesis import given
from hypothesis import strategies as st

from adapters.legacy.protobuf import ProtobufError, fields, message, number, real, text


@given(st.integers(0, 2**64 - 1), st.text(max_size=40), st.floats(width=32, allow_nan=False))
def test_what_the_bindings_write_is_read(at: int, id_: str, latitude: float) -> None:
    written = gtfs_realtime_pb2.FeedMessage()
    written.header.gtfs_realtime_version = "2.0"
    written.header.timestamp = at
    entity = written.entity.add()
    entity.id = id_
    entity.vehicle.position.latitude = latitude
    entity.vehicle.position.longitude = 114.5
    top = dict(fields(written.SerializeToString()))
    head, body = dict(fields(message(top[1]))), dict(fields(message(top[2])))
    position = dict(fields(message(dict(fields(message(body[4])))[2])))
    assert (text(head[1]), number(head[3]), text(body[1])) == ("2.0", at, id_)
    assert (real(position[1]), real(position[2])) == (latitude, 114.5)


@given(st.binary(max_size=300))
def test_nothing_does_more_than_be_refused(content: bytes) -> None:
    try:
        for field, value in fields(content):
            assert field > 0
            for reader in (text, number, real):
                try:
                    reader(value)
                except ProtobufError:
                    continue
    except ProtobufError:
        return


@pytest.mark.parametrize(
    "content",
    [
        b"\x0a\x05abc",  # cut short
        b"\x0a",  # no length
        b"\x08" + b"\x80" * 10 + b"\x01",  # a number longer than any
        b"\x0b",  # a group
        b"\x00\x00",  # field 0
        b"\x0d\x00\x00",  # half a float
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # a length that reaches to the end of the world
    ],
)
def test_a_damaged_message_is_refused(content: bytes) -> None:
    with pytest.raises(ProtobufError):
        list(fields(content))


def test_the_number_of_fields_is_bounded() -> None:
    assert len(list(fields(b"\x08\x01" * 5, most=5))) == 5
    with pytest.raises(ProtobufError, match="more fields"):
        list(fields(b"\x08\x01" * 6, most=5))


def test_a_field_of_another_type_is_refused() -> None:
    with pytest.raises(ProtobufError):
        text(5)
    with pytest.raises(ProtobufError):
        number(b"5")
    with pytest.raises(ProtobufError):
        real(b"123")
    assert real(struct.pack("<d", 1.5)) == 1.5
