"""Compact binary encoding of the keys of records, so that ids are short.

A key is written with the smallest of four alphabets that has all of its characters, as the digits of one number; a code
with a digest behind it is a number with the digest's bytes behind it. Any other key is UTF-8. The encoding is
injective: the first digit is 1, so that leading zeros count, and the remainder of the number by six is the form. It
must never change: clients store ids.
"""

import re
from typing import Final

_LONGEST: Final = 64
"""The longest key in a compact form: a conversion takes time by the square of the length."""
_SYMBOLS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class KeyEncodingError(ValueError):
    """The bytes are not an encoded key."""


class _Alphabet:
    """Characters and frequent pieces of keys, one digit each. A rare character is the base's last digit and another.

    `form` is the number of the form of keys that are written in this alphabet.
    """

    def __init__(self, form: int, frequent: tuple[str, ...], rare: str = "") -> None:
        self.form = form
        self._base = len(frequent) + bool(rare)
        self._escape = _SYMBOLS[len(frequent)] if rare else ""
        digits = dict(zip(frequent, _SYMBOLS, strict=False))
        digits |= {character: self._escape + digit for character, digit in zip(rare, _SYMBOLS, strict=False)}
        self._pieces = {digit: piece for piece, digit in digits.items()}
        # A longer piece first becomes one character that no key in this alphabet contains.
        longer = sorted((piece for piece in frequent if len(piece) > 1), key=len, reverse=True)
        self._longer = [(piece, chr(number)) for number, piece in enumerate(longer)]
        self._table = str.maketrans(
            {piece: digit for piece, digit in digits.items() if len(piece) == 1}
            | {character: digits[piece] for piece, character in self._longer}
        )
        self.characters = "".join(piece for piece in digits if len(piece) == 1)

    def number(self, text: str) -> int:
        """Return the number of a text that has only `characters`."""
        for piece, character in self._longer:
            text = text.replace(piece, character)
        return int("1" + text.translate(self._table), self._base)

    def text(self, number: int) -> str:
        """Return the text of a number. Raises `KeyEncodingError`."""
        symbols = []
        while number > 1:
            number, digit = divmod(number, self._base)
            symbols.append(_SYMBOLS[digit])
        found, escape = [], ""
        for symbol in reversed(symbols):
            if symbol == self._escape and not escape:
                escape = symbol
                continue
            piece = self._pieces.get(escape + symbol)
            if piece is None:
                raise KeyEncodingError("no such character")
            found.append(piece)
            escape = ""
        if number != 1 or escape:
            raise KeyEncodingError("not a whole text")
        return "".join(found)


_CODES: Final = _Alphabet(0, (*"0123456789./-", ".0", ".00"), "ABCDEFGHIJKLMNOP")
"""Numbers, dates and dotted codes, with the letter of a queue's number."""
_DIGESTS: Final = _Alphabet(1, tuple("0123456789abcdef-/.~"))
"""Hexadecimal digests, also several of them, and UUIDs."""
_CAPITALS: Final = _Alphabet(2, (*"0123456789 /-:.~ABDEGHIJKLMNOPRSTU", ":00"), "CFQVWXYZ_+,()&#@*=")
"""Codes and names in capital letters, with times of day."""

_SMALL_LETTERS: Final = _Alphabet(3, tuple("0123456789 /-:._abdeghijklmnoprstu"), "cfqvwxyz~+,()&#@*=")
"""Names in small letters, such as those of tables and kinds, with a number."""

_ALPHABETS: Final = (_CODES, _DIGESTS, _CAPITALS, _SMALL_LETTERS)
_FORMS: Final = 6
_ENDS_WITH_DIGEST: Final = 4
_UTF_8: Final = 5
_DIGEST_BYTES: Final = 8
_WITH_DIGEST: Final = re.compile(rf"([{re.escape(_CODES.characters)}]*)~([0-9a-f]{{{2 * _DIGEST_BYTES}}})")


def encode_key(key: str) -> bytes:
    """Return the bytes of a key."""
    number = _number(key)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _number(key: str) -> int:
    """Return the number of a key, with its form as the remainder by six."""
    if len(key) <= _LONGEST:
        for alphabet in _ALPHABETS:
            # It has no other characters.
            if not key.strip(alphabet.characters):
                number = alphabet.number(key)
                # Many rare characters are shorter in UTF-8.
                if number.bit_length() <= 8 * len(key) + 1:
                    return number * _FORMS + alphabet.form
        if found := _WITH_DIGEST.fullmatch(key):
            number = _CODES.number(found[1]) << 8 * _DIGEST_BYTES | int(found[2], 16)
            return number * _FORMS + _ENDS_WITH_DIGEST
    return int.from_bytes(b"\1" + key.encode("utf-8", "surrogatepass"), "big") * _FORMS + _UTF_8


def decode_key(content: bytes) -> str:
    """Return the key that `encode_key` has encoded. Raises `KeyEncodingError` for any other bytes."""
    number, form = divmod(int.from_bytes(content, "big"), _FORMS)
    key = _key(number, form)
    if encode_key(key) != content:
        raise KeyEncodingError("not the encoding of a key")
    return key


def _key(number: int, form: int) -> str:
    if form < len(_ALPHABETS):
        return _ALPHABETS[form].text(number)
    if form == _ENDS_WITH_DIGEST:
        digest = number & (1 << 8 * _DIGEST_BYTES) - 1
        return f"{_CODES.text(number >> 8 * _DIGEST_BYTES)}~{digest:0{2 * _DIGEST_BYTES}x}"
    try:
        encoded = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return encoded[1:].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise KeyEncodingError("not UTF-8") from error
