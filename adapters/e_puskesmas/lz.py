"""LZ-String, the URI-safe variant: decompression with a bound on what comes out.

An LZ78 code over UTF-16 units, packed least significant bit first into characters of six bits. Two bits announce the
first unit; each later code has as many bits as the dictionary needs: 0 and 1 announce a new unit of 8 or 16 bits, 2 is
the end, all others are entries. A few bytes can stand for a text without end, hence the bound.
Source: the published format of LZ-String 1.4 (`compressToEncodedURIComponent`).
"""

from typing import Final

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
_SIX_BITS: Final = {ord(character): f"{value:06b}" for value, character in enumerate(_ALPHABET)}
_UNIT_BITS: Final = {0: 8, 1: 16}
_END: Final = 2


class LzError(ValueError):
    """This is not LZ-String, it is cut off, or more would come out than is allowed."""


class _Bits:
    """The stream of bits; numbers in it have their least significant bit first."""

    def __init__(self, packed: str) -> None:
        # A blank is what form decoding makes of the alphabet's plus sign.
        packed = packed.replace(" ", "+")
        if not packed or packed.strip(_ALPHABET):
            raise LzError("characters that do not belong there")
        self._bits = packed.translate(_SIX_BITS)
        self._at = 0

    def take(self, count: int) -> int:
        """The number in the next `count` bits."""
        bits = self._bits[self._at : self._at + count]
        if len(bits) < count:
            raise LzError("cut off")
        self._at += count
        return int(bits[::-1], 2)


class _Dictionary:
    """What codes stand for; it grows by one entry with each code, and the codes' width with it."""

    def __init__(self) -> None:
        self._entries: list[str] = ["", "", ""]
        self.width = 3
        self._room = 4

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: str) -> None:
        """Give the next code to `entry`."""
        self._entries.append(entry)

    def counted(self) -> None:
        """Note that something was learnt; when the width's codes are used up, the next ones are a bit wider."""
        self._room -= 1
        if self._room == 0:
            self._room = 1 << self.width
            self.width += 1

    def entry(self, code: int, before: str) -> str:
        """What `code` stands for; the very next code is what came before with its first unit repeated."""
        if code < len(self._entries):
            return self._entries[code]
        if code == len(self._entries):
            return before + before[0]
        raise LzError("a code that stands for nothing")


def decompress(packed: str, *, at_most: int) -> str:
    """The text that was compressed, if it has at most `at_most` UTF-16 units; otherwise raises `LzError`."""
    bits = _Bits(packed)
    first = bits.take(2)
    if first == _END:
        return ""
    if first not in _UNIT_BITS:
        raise LzError("a beginning that means nothing")
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
            raise LzError("more than is allowed")
        parts.append(entry)
        dictionary.add(before + entry[0])
        dictionary.counted()
        before = entry
    return _joined("".join(parts))


def _joined(units: str) -> str:
    """The text of these UTF-16 units; characters beyond the first plane stand as two."""
    try:
        return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise LzError("half a character") from None
