"""A minimal reader of protocol buffers, for a few fields of known messages: no descriptors, no recursion, no copying.

A message is read into its fields, in order; the caller, which has the schema, decodes the value of each. The number of
fields of one message is limited, and nested messages are read only on request. Source: the published encoding of
protocol buffers (varints, fixed 32 and 64 bits, length-delimited; the deprecated groups are not supported).
"""

import struct
from collections.abc import Iterator
from typing import Final

Value = int | bytes

MOST_FIELDS: Final = 10_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT: Final = 10
_UINT64: Final = (1 << 64) - 1


class ProtobufError(ValueError):
    """The bytes are not a valid message. The error quotes none of them."""


def fields(message: bytes, most: int = MOST_FIELDS) -> Iterator[tuple[int, Value]]:
    """Yield the fields of a message: number, and an int (varint) or bytes (all other types). Raises `ProtobufError`."""
    at = count = 0
    while at < len(message):
        count += 1
        if count > most:
            raise ProtobufError("a message has more fields than the limit")
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ProtobufError("a field has the number 0")
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        size, at = _size(message, at, kind)
        if at + size > len(message):
            raise ProtobufError("a field is truncated")
        yield number, message[at : at + size]
        at += size


def text(value: Value) -> str:
    """Decode a string field. Raises `ProtobufError`."""
    try:
        return _held(value).decode()
    except UnicodeDecodeError:
        raise ProtobufError("a text is not UTF-8") from None


def message(value: Value) -> bytes:
    """Return the bytes of a nested message, to be read by `fields`. Raises `ProtobufError`."""
    return _held(value)


def number(value: Value) -> int:
    """Decode an unsigned varint field. Raises `ProtobufError`."""
    if not isinstance(value, int):
        raise ProtobufError("a field is not a varint")
    return value


def real(value: Value) -> float:
    """Decode a float or double field. Raises `ProtobufError`."""
    held = _held(value)
    if len(held) not in (4, 8):
        raise ProtobufError("a field is neither a float nor a double")
    read: float = struct.unpack("<f" if len(held) == 4 else "<d", held)[0]
    return read


def _held(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise ProtobufError("a field is of another type")
    return value


def _size(message: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == _BYTES:
        return _varint(message, at)
    if kind not in (_FIXED32, _FIXED64):
        raise ProtobufError("a field has an unknown wire type")
    return (4 if kind == _FIXED32 else 8), at


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value & _UINT64, at + shift + 1
    raise ProtobufError("a varint is truncated or too long")
