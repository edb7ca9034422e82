"""Decompression of LZ-String, the URI-safe variant, with a limit on the output.

An LZ78 code over UTF-16 units, packed least significant bit first into characters of six bits. Two bits announce the
first unit; each later code has as many bits as the dictionary needs: 0 and 1 announce a new unit of 8 or 16 bits, 2 is
the end, all others are entries. A few bytes can expand to a text of any length, hence the limit.

Source: the published format of LZ-String 1.4 (`compressToEncodedURIComponent`).
"""

from typing import Final

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
_SIX_BITS: Final = {ord(character): f"{value:06b}" for value, character in enumerate(_ALPHABET)}
_UNIT_BITS: Final = {0: 8, 1: 16}
_END: Final = 2


class LzError(ValueError):
    """The input is not LZ-String, is truncated, or expands to more than the limit."""


class _Bits:
    """The bit stream; numbers in it have their least significant bit first."""

    def __init__(self, packed: str) -> None:
        # Form decoding turns the alphabet's plus sign into a blank.
        packed = packed.replace(" ", "+")
        if not packed or packed.strip(_ALPHABET):
            raise LzError("invalid characters")
        self._bits = packed.translate(_SIX_BITS)
        self._at = 0

    def take(self, count: int) -> int:
        """Return the number in the next `count` bits."""
        bits = self._bits[self._at : self._at + count]
        if len(bits) < count:
            raise LzError("truncated")
        self._at += count
        return int(bits[::-1], 2)


class _Dictionary:
    """The entries by code; the width of the codes grows with their number."""

    def __init__(self) -> None:
        self._entries: list[str] = ["", "", ""]
        self.width = 3
        self._room = 4

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: str) -> None:
        """Assign the next code to `entry`."""
        self._entries.append(entry)

    def counted(self) -> None:
        """Count one new entry, and widen the codes when those of the present width are used up."""
        self._room -= 1
        if self._room == 0:
            self._room = 1 << self.width
            self.width += 1

    def entry(self, code: int, before: str) -> str:
        """Return the entry of `code`; the next unassigned code is the entry `before` with its first unit repeated."""
        if code < len(self._entries):
            return self._entries[code]
        if code == len(self._entries):
            return before + before[0]
        raise LzError("an undefined code")


def decompress(packed: str, *, at_most: int) -> str:
    """Return the decompressed text. Raises `LzError` when it has more than `at_most` UTF-16 units."""
    bits = _Bits(packed)
    first = bits.take(2)
    if first == _END:
        return ""
    if first not in _UNIT_BITS:
        raise LzError("an invalid first code")
    dictionary = _Dictionary()
    before = chr(bits.take(_UNIT_BITS[first]))
    dictionary.add(before)
    parts = [before]
    room = at_most - 1
    while (code := bits.take(dictionary.width)) != _END:
        if code in _UNIT_BITS:
            dictionary.add(chr(bits.take(_UNIT_BITS[code])))
            dictionary.counted()
            code = len(dictionary) - 1
        entry = dictionary.entry(code, before)
        room -= len(entry)
        if room < 0:
            raise LzError("more than the limit")
        parts.append(entry)
        dictionary.add(before + entry[0])
        dictionary.counted()
        before = entry
    return _joined("".join(parts))


def _joined(units: str) -> str:
    """Return the text of these UTF-16 units, with surrogate pairs joined."""
    try:
        return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise LzError("an unpaired surrogate") from None
