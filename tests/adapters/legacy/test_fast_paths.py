"""The fast paths of texts, times, numbers and regions return what the plain ways return, which are written out here."""

import unicodedata
from datetime import date, datetime, time
from html import unescape

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.legacy import texts
from adapters.legacy.charsets import repair_mojibake
from adapters.legacy.dates import WIB, local_time
from adapters.legacy.numbers import count, plain_number
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import by_name, collect_region, folded
from adapters.legacy.texts import PLACEHOLDERS, plain_text
from schemas.dates import WITA
from schemas.doubts import Doubt, DoubtCode
from schemas.identifiers import Identifier, IdentifierScheme, exact_nik
from schemas.numbers import nik
from schemas.places import Location, Point, RegionReference, regions

PIECES = [
    *("Jl. Contoh", "  ", "\n", "\t", "\x00", "\x7f", "\x85", "\u00a0", "\u2028", "\ufeff", "\ud800", "é", "e\u0301"),
    *("Ã©", "â€™", "Â ", "<b>", "</p>", "<!-- x -->", "&amp;", "&eacute;", "&lt;b&gt;", "'", "-", "- Pilih -", "İ"),
    *("tidak ada", "NULL", "0", "ß", "\u2019", "🌊", "pilih kecamatan", "<script>x</script>", "]]>"),
]
written_texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=6).map("".join)


def plainly(written, placeholders, *, html, double_encoded, spreadsheet):
    """A text as `plain_text` is defined: every step, for every text."""
    better, doubts = repair_mojibake(written), ()
    if better is not None:
        written, doubts = (better, ()) if double_encoded else (written, (DoubtCode.TEXT_ENCODING,))
    if html:
        words, found = texts._MARKUP.subn("", written)
        written, doubts = unescape(words), (*doubts, *((DoubtCode.HTML_DISCARDED,) if found else ()))
    kept = "".join(
        c
        for c in written
        if c in "\t\n\r" or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in "\ufeff\ufffe\uffff")
    )
    text = " ".join(unicodedata.normalize("NFC", kept).split())
    text = text.removeprefix("'").strip() if spreadsheet else text
    if not text:
        return absent(*doubts)
    if text.casefold() in placeholders or (placeholders and text.casefold().startswith("pilih ")):
        return absent(*doubts, DoubtCode.PLACEHOLDER)
    return Reading(text, doubts)


@given(written_texts, st.sampled_from([PLACEHOLDERS, frozenset()]), st.booleans(), st.booleans(), st.booleans())
@example("Pondok  Pesantren \u00c3\u00a9", PLACEHOLDERS, False, True, False)
def test_texts(written, placeholders, html, double_encoded, spreadsheet):
    options = {"html": html, "double_encoded": double_encoded, "spreadsheet": spreadsheet}
    expected = plainly(written, placeholders, **options)
    assert plain_text(written, placeholders=placeholders, **options) == expected


def plain_time(text, zone):
    """A time as `local_time` is defined: date and clock read apart."""
    text = text.strip()
    if text in {"", "-"} or not text.strip("0-:. T"):
        return absent(DoubtCode.DATE_ZERO)
    day, separator, clock = text[:10], text[10:11], text[11:]
    parts, _, fraction = clock.partition(".")
    numbers = parts.split(":")
    digits = [len(number) == 2 and number.isascii() and number.isdigit() for number in numbers]
    fits = len(numbers) == 3 and fraction.isascii() and fraction.isdigit() if "." in clock else len(numbers) in {2, 3}
    if not (separator in {" ", "T"} and fits and all(digits) and day[4:5] == "-" and day.isascii()):
        return absent(DoubtCode.DATE_IMPOSSIBLE)
    try:
        at = datetime.combine(date.fromisoformat(day), time(*map(int, numbers)), zone)
        return Reading(at.astimezone(WITA))
    except (ValueError, OverflowError):
        return absent(DoubtCode.DATE_IMPOSSIBLE)


moments = st.builds(
    "{:04}-{:02}-{:02}{}{:02}:{:02}{}".format,
    st.sampled_from([0, 1, 1990, 2026, 9999]),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from([" ", "T", "  ", "t", ""]),
    st.integers(0, 25),
    st.integers(0, 61),
    st.sampled_from(["", ":00", ":59", ":60", ":07.125", ".5", ":7", ":07.", ":07.123456789", ":07Z", ":07+08:00"]),
)


@given(moments | st.sampled_from([" ", "-", "0000-00-00", "0000-00-00 00:00:00", "00:00", "2026-11-14"]))
def test_times(text):
    for zone in (WITA, WIB):
        assert local_time(f" {text} ", zone) == plain_time(text, zone)


@given(st.sampled_from([region.name for region in regions().values()]), st.data())
def test_region_names(name, data):
    written = data.draw(st.sampled_from([name, name.upper(), name.lower(), name.title(), f" kel.  {name}", f"{name}x"]))
    assert folded(written) == folded(f" {written.lower()} ")
    here = [code for code, one in regions().items() if folded(one.name) == folded(written) and code.count(".") == 3]
    expected = Reading(RegionReference.to(here[0])) if len(here) == 1 else absent(DoubtCode.REGION_UNKNOWN)
    assert by_name(written) == expected
    for code in here:
        kecamatan = regions()[regions()[code].parent.code].name
        assert by_name(written, kecamatan) == Reading(RegionReference(code=code, name=regions()[code].name))
        assert by_name(written, kecamatan[:-1]) == absent(DoubtCode.REGION_UNKNOWN)


def test_a_region_without_doubts_keeps_its_words_out_of_the_doubts():
    doubts = Doubts()
    assert collect_region(doubts, "/region", by_name("Mantuil"), "Mantuil").name == "Mantuil"
    assert doubts.found == ()
    collect_region(doubts, "/region", by_name("Nowhere"), "Nowhere", None, "-", "Far")
    assert doubts.found == (Doubt(code=DoubtCode.REGION_UNKNOWN, field="/region", original="Nowhere, Far"),)


def test_a_doubt_is_kept_once_and_in_the_order_of_its_first_mention():
    doubts = Doubts()
    doubts.note("/a", DoubtCode.DATE_ZERO)
    doubts.note_unknown("/b", DoubtCode.CODE_UNKNOWN, " x ")
    doubts.note("/a", DoubtCode.DATE_ZERO, DoubtCode.NIK_FORM)
    doubts.note_unknown("/b", DoubtCode.CODE_UNKNOWN, "x")
    doubts.note_unknown("/b", DoubtCode.CODE_UNKNOWN, " ")
    doubts.note("/b", DoubtCode.CODE_UNKNOWN)
    assert doubts.found == (
        Doubt(code=DoubtCode.DATE_ZERO, field="/a"),
        Doubt(code=DoubtCode.CODE_UNKNOWN, field="/b", original="x"),
        Doubt(code=DoubtCode.NIK_FORM, field="/a"),
        Doubt(code=DoubtCode.CODE_UNKNOWN, field="/b"),
    )


def test_a_location_of_which_nothing_is_known_is_none():
    assert Location.of() is None
    for known in ({"text": ""}, {"postal_code": "70244"}):
        assert Location.of(**known) == Location(**known)
    assert Location.of(position=Point(coordinates=(114.5, -3.3))).position is not None


def plain_count(written):
    """A whole number as `count` is defined: a number without a fraction."""
    reading = plain_number(written)
    if reading.value is not None and reading.value.as_integer_ratio()[1] != 1:
        return absent(DoubtCode.NUMBER_AMBIGUOUS)
    return reading.map(int)


@given(
    st.integers(-(10**20), 10**20).map(str)
    | st.from_regex(r"[0-9]{1,11}(\.[0-9]{1,3})?", fullmatch=True)
    | st.sampled_from(["2147483647", "4294967295", "007", " 25 ", "", "-", "--", "\u0663", "\u00b2", "1e3", "25.00"])
    | st.integers()
    | st.none()
)
@example(10**28)
def test_counts(written):
    assert count(written) == plain_count(written)


numbers = st.sampled_from(["6371994502900001", "6371994502900002"])
identifiers = st.builds(Identifier, scheme=st.sampled_from(IdentifierScheme), value=numbers, exact=st.booleans())


@given(st.lists(identifiers, max_size=4).map(tuple))
def test_the_nik_that_proves_ownership_is_the_only_exact_one(given_identifiers):
    found = {one.value for one in given_identifiers if one.scheme is IdentifierScheme.NIK and one.exact}
    assert exact_nik(given_identifiers) == (min(found) if len(found) == 1 else None)


@given(st.text(st.sampled_from("0123456789 .-'\u2019\u00a0\t\u0663x"), max_size=20))
def test_a_compact_nik_has_no_separators(written):
    assert nik.compact(written) == "".join(letter for letter in written if letter not in " .-'\u2019\u00a0\t")
