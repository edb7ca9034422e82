"""Vectors N, B, T, NIK, W and P of the domain document."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.legacy import nik, regions
from adapters.legacy.booleans import flag
from adapters.legacy.charsets import decode, repair_mojibake
from adapters.legacy.numbers import (
    american_number,
    coordinate,
    count,
    indonesian_number,
    plain_number,
    rupiah,
    zero_is_none,
)
from adapters.legacy.phones import phone
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.texts import PLACEHOLDERS, plain_text, refusal_text, search_key
from schemas.doubts import DoubtCode as Code
from schemas.resident import Sex

SERIAL = "6371994502900011"
# Behind other regions than the reserved one: a serial of the reserved range.
REST = "4502909999"


@pytest.mark.parametrize(
    ("read", "written", "value"),
    [
        (plain_number, "1250000.00", "1250000.00"),
        (plain_number, 12.5, "12.5"),
        (plain_number, "9223372036854775806", "9223372036854775806"),
        (plain_number, 9007199254740993, "9007199254740993"),
        (indonesian_number, "1.250.000,50", "1250000.50"),
        (indonesian_number, "Rp. 7.500.000,-", "7500000"),
        (indonesian_number, "Rp7.500.000", "7500000"),
        (indonesian_number, "12.500", "12500"),
        (american_number, "12,500", "12500"),
        (american_number, "12,500.75", "12500.75"),
    ],
)
def test_n1_n2_n3_n6_amounts_as_declared(read, written, value):
    assert read(written) == Reading(Decimal(value))


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (indonesian_number, "12.5"),
        (indonesian_number, "12,500.75"),
        (american_number, "12.500,75"),
        (american_number, "1,25"),
        (plain_number, "12,5"),
        (plain_number, "NaN"),
        (plain_number, float("nan")),
        (plain_number, float("inf")),
        (plain_number, "-5"),
        (plain_number, True),
        (plain_number, "1e9"),
    ],
)
def test_n7_what_is_not_written_as_declared_is_absent(read, written):
    assert read(written) == absent(Code.NUMBER_AMBIGUOUS)


def test_n4_coordinates():
    assert coordinate("-3,3194", decimal_comma=True).value == pytest.approx(-3.3194)
    assert coordinate("-3.3194").value == pytest.approx(-3.3194)
    assert coordinate("0").value == 0
    assert coordinate("0.000", zero_is_absent=True) == absent()
    assert coordinate("-3.3194", zero_is_absent=True).value == pytest.approx(-3.3194)
    assert coordinate("-3,3194").doubts == (Code.NUMBER_AMBIGUOUS,)


def test_n5_counts_come_as_text():
    assert count("25") == Reading(25)
    assert count(25) == Reading(25)
    assert count("2.5") == absent(Code.NUMBER_AMBIGUOUS)


def test_n7_nothing_is_nothing():
    assert plain_number("") == plain_number(None) == absent()
    assert plain_number("-") == absent(Code.PLACEHOLDER)


@pytest.mark.parametrize("sentinel", [2147483647, 4294967295, 9223372036854775807])
def test_n8_the_largest_number_of_a_type_is_an_overflow(sentinel):
    assert plain_number(sentinel) == plain_number(str(sentinel)) == absent(Code.NUMBER_OVERFLOW)


def test_n9_zero_means_none_where_declared():
    assert zero_is_none(plain_number("0")).value is None
    assert zero_is_none(plain_number("1")).value == 1
    assert plain_number("0").value == 0


@given(st.integers(0, 10**15), st.integers(0, 99))
def test_an_amount_survives_its_way_of_writing(whole, cents):
    grouped = f"{whole:,}"
    expected = Decimal(f"{whole}.{cents:02d}")
    for reading in (
        american_number(f"{grouped}.{cents:02d}"),
        indonesian_number(f"Rp. {grouped.replace(',', '.')},{cents:02d}"),
    ):
        assert reading == Reading(expected) or reading.doubts == (Code.NUMBER_OVERFLOW,)


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Y", "N"),
        ("Y", "T"),
        ("1", "0"),
        ("true", "false"),
        ("Ya", "Tidak"),
        ("Ada", "Tidak Ada"),
        ("on", ""),
        ("S", "N"),
        ("T", "F"),
    ],
)
def test_b_only_the_declared_words(yes, no):
    assert flag(yes, yes=yes, no=no) == Reading(True)
    assert flag(f" {no.lower()} ", yes=yes, no=no) == Reading(False)
    assert flag("kadang", yes=yes, no=no) == absent(Code.CODE_UNKNOWN)
    assert flag(None, yes=yes, no=no) == absent()


def test_b_numbers_and_json_booleans():
    assert flag(1, yes="1", no="0") == Reading(True)
    assert flag(True, yes="true", no="false") == Reading(True)
    assert flag(5, yes="1", no="0") == absent(Code.CODE_UNKNOWN)


def test_t1_latin1_is_windows_1252():
    assert decode(b"Tauzi\xef \x96 \x80", "latin1") == Reading("Tauziï – €")
    assert decode(b"\x81", "latin1") == Reading("\x81")
    assert decode(b"Tauzi\xef", "utf-8") == Reading("Tauzi�", (Code.TEXT_ENCODING,))
    with pytest.raises(LookupError):
        decode(b"x", "no-such-charset")


def test_t1_double_encoding_is_repaired_only_where_declared():
    assert plain_text("TauziÃ¯", double_encoded=True) == Reading("Tauziï")
    assert plain_text("TauziÃ¯") == Reading("TauziÃ¯", (Code.TEXT_ENCODING,))
    assert plain_text("KotaÂ\u00a0Banjarmasin", double_encoded=True) == Reading("Kota Banjarmasin")
    assert plain_text("Tauziï", double_encoded=True) == Reading("Tauziï")
    assert repair_mojibake("Âme") is None


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xFFFF, exclude_categories=["Cs", "Cc"])))
def test_t1_repair_undoes_exactly_what_latin1_did(text):
    twice = decode(text.encode(), "latin1").value
    assert repair_mojibake(twice) == (None if twice == text else text)


def test_t2_byte_order_mark():
    assert decode(b"\xef\xbb\xbfNIK", "utf-8") == Reading("NIK")
    assert plain_text("\ufeffNIK") == Reading("NIK")


def test_t3_blanks_and_composition():
    assert plain_text(" UJI \u00a0 E\u0301\n\tBARU ") == Reading("UJI É BARU")


def test_t4_tags_go_and_entities_are_read_once():
    html = '<i class="fa fa-warning"></i> UJI &amp;amp; <script>alert(1)</script>COBA'
    assert plain_text(html, html=True) == Reading("UJI &amp; COBA", (Code.HTML_DISCARDED,))
    assert plain_text("A &amp; B", html=True) == Reading("A & B")
    assert plain_text("A < B") == plain_text("A < B", html=True) == Reading("A < B")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<a title='x > y'>UJI</a>", "UJI"),
        ("<i title=it's>UJI</i>", "UJI"),
        ("<!-- <b>lama</b> --> UJI", "UJI"),
        ("UJI <!-- to the end", "UJI"),
        ("<STYLE>p {}</style >UJI", "UJI"),
        ("UJI<script>never closed", "UJI"),
        ("<!DOCTYPE html>UJI<br/>", "UJI"),
        ("</ b>UJI<?php ?>", "UJI"),
        ("&lt;b&gt;UJI<b>", "<b>UJI"),
    ],
)
def test_t4_what_is_markup(html, text):
    assert plain_text(html, html=True) == Reading(text, (Code.HTML_DISCARDED,))


@pytest.mark.parametrize("text", ["<3 UJI", "UJI < 5 > 3", "<![CDATA[UJI]]>", "UJI <a href=", "< b>UJI"])
def test_t4_what_is_none(text):
    assert plain_text(text, html=True) == Reading(text)


@pytest.mark.parametrize(
    "written",
    [
        "-", "--", ".", "0", "x", "null", "NULL", "N/A", "Tidak ada", "tidak ada ", "Belum ada", "- PILIH -",
        "Pilih kelurahan", "Data tidak ditemukan.",
    ],
)  # fmt: skip
def test_t5_placeholders(written):
    assert plain_text(written) == absent(Code.PLACEHOLDER)
    assert plain_text(written, placeholders=frozenset()).value == written.strip()


def test_t5_placeholders_are_declared_per_column():
    assert plain_text("Tidak ada", placeholders=PLACEHOLDERS - {"tidak ada"}) == Reading("Tidak ada")
    assert plain_text("  ") == plain_text(None) == absent()


@pytest.mark.parametrize("name", ["H. Muhammad Uji Coba", "Hj. UJI COBA", "M. Uji Coba", "Muh Uji  Coba", "uji coba"])
def test_t6_search_keys(name):
    assert search_key(name) == "UJI COBA"


def test_t6_a_title_is_only_a_title_in_front():
    assert search_key("Mahmud H.") == "MAHMUD H"
    assert plain_text("H. Uji") == Reading("H. Uji")


def test_t7_the_apostrophe_of_a_spreadsheet():
    assert plain_text("'0812", spreadsheet=True) == Reading("0812")
    assert plain_text("'Uji") == Reading("'Uji")


def test_t8_control_characters_and_lone_surrogates():
    assert plain_text("UJI\x00\x1b[31m\ud83d COBA\x7f") == Reading("UJI[31m COBA")
    # What no document in XML may hold.
    assert plain_text("UJI\ufffe\uffff COBA") == Reading("UJI COBA")


_MARKUP = st.lists(
    st.sampled_from(["<", "!", "[", "]", ">", "--", "CDATA", "DOCTYPE", "?", "&", "#", "/", "script", " "])
)


@given(st.text() | _MARKUP.map("".join), st.booleans(), st.booleans(), st.booleans())
def test_cleaned_text_is_clean(text, html, double, sheet):
    value = plain_text(text, html=html, double_encoded=double, spreadsheet=sheet).value
    if value is not None:
        assert value == value.strip()
        value.encode("utf-8")


@pytest.mark.parametrize("written", ["9" * 25, "0.1234567", "2147483647", "-1"])
def test_what_is_no_sum_of_money_is_absent(written):
    reading = rupiah(plain_number(written))
    assert reading.value is None
    assert reading.doubts
    assert rupiah(absent()) == absent()
    assert rupiah(plain_number("1250000.50")).value.amount == Decimal("1250000.50")


def test_a_refusal_is_one_line_of_no_more_than_a_reason():
    assert refusal_text(" Tahun usulan\n ditutup\x00 ") == "Tahun usulan ditutup"
    assert refusal_text(None) == ""
    assert len(refusal_text("x" * 1000)) == 200


def test_nik_1_2_text_columns():
    assert nik.nik_from_text("6371 9945.0290 0011").value.exact
    assert nik.nik_from_text("'6371994502900011").value.value == SERIAL
    assert nik.nik_from_text("637199450290001") == absent(Code.NIK_FORM)
    assert nik.nik_from_text("6.37105E+15") == absent(Code.NIK_FORM)
    assert nik.nik_from_text("-") == nik.nik_from_text(None) == absent()


def test_nik_2_numeric_columns():
    padded = nik.nik_from_number(637199450290001)
    assert padded.value.value == "0637199450290001"
    assert (padded.value.exact, padded.doubts) == (False, (Code.NIK_LEADING_ZERO_LOST,))
    assert nik.nik_from_number(int(SERIAL)).value.exact
    assert nik.nik_from_number(6371) == absent(Code.NIK_FORM)
    assert nik.nik_from_number(-6371) == nik.nik_from_number(-int(SERIAL)) == absent(Code.NIK_FORM)


def test_nik_2_a_number_in_a_spreadsheet_names_nobody():
    lost = nik.nik_from_cell(6371994502900010.0)
    assert lost.value.value == "6371994502900010"
    assert (lost.value.exact, lost.doubts) == (False, (Code.NIK_FORM,))
    assert nik.nik_from_cell(SERIAL).value.exact
    for odd in (float("nan"), float("inf"), 1.5, -1.0):
        assert nik.nik_from_cell(odd) == absent(Code.NIK_FORM)


@pytest.mark.parametrize(
    ("region", "rest"), [("037199", REST), ("637199", "4502900000"), ("637106", REST), ("990101", REST)]
)
def test_nik_3_4_a_number_that_cannot_quite_be_right_proves_nothing(region, rest):
    number = region + rest
    reading = nik.nik_from_text(number)
    assert reading.value.value == number
    assert (reading.value.exact, reading.doubts) == (False, (Code.NIK_FORM,))


def test_nik_4_numbers_of_other_cities_are_as_good():
    reading = nik.nik_from_text("317101" + REST)
    assert (reading.value.exact, reading.doubts) == (True, ())


def test_nik_5_disagreements_are_doubts_only():
    number = nik.nik_from_text(SERIAL).value
    assert nik.nik_mismatches(number, date(1990, 2, 5), Sex.FEMALE) == ()
    assert nik.nik_mismatches(number, date(1990, 5, 2), Sex.MALE) == (Code.NIK_DATE_MISMATCH, Code.NIK_SEX_MISMATCH)
    assert nik.nik_mismatches(number, None, None) == nik.nik_mismatches(None, date(1990, 2, 5), None) == ()


def code_of(reading):
    return reading.value and reading.value.code


def test_w1_dotted_codes():
    assert code_of(regions.dotted("63.71.05.1002")) == "63.71.05.1002"
    assert regions.dotted("63.71.05.1002").value.name == "Kertak Baru Ulu"
    assert code_of(regions.dotted("63.72.01.1001")) == "63.72.01.1001"
    assert regions.dotted("63.71.09.1002") == regions.dotted("6371051002") == absent(Code.REGION_UNKNOWN)


@pytest.mark.parametrize("last", range(1, 10))
def test_w2_the_nine_collisions_need_a_scheme(last):
    digits = f"637103100{last}"
    assert regions.undeclared_digits(digits) == absent(Code.REGION_SCHEME_MISSING)
    assert code_of(regions.kemendagri_digits(digits)) == f"63.71.03.100{last}"
    assert code_of(regions.bps_digits(digits)).startswith("63.71.05.")


def test_w2_what_one_scheme_alone_knows_is_taken_with_a_doubt():
    reading = regions.undeclared_digits("6371031010")
    assert (code_of(reading), reading.doubts) == ("63.71.05.1006", (Code.REGION_SCHEME_MISSING,))
    assert regions.undeclared_digits("9999999999") == absent(Code.REGION_UNKNOWN)
    assert regions.undeclared_digits(None) == absent()


def test_w3_a_name_with_its_kecamatan():
    assert code_of(regions.by_name("Kel. Basirih", "Banjarmasin Barat")) == "63.71.03.1009"
    assert code_of(regions.by_name("BASIRIH  SELATAN", "KEC. BANJARMASIN SELATAN")) == "63.71.01.1012"
    assert regions.by_name("Basirih", "Banjarmasin Selatan") == absent(Code.REGION_UNKNOWN)


def test_w4_a_name_alone_must_be_unique():
    assert code_of(regions.by_name("BENUA ANYAR")) == "63.71.02.1006"
    assert code_of(regions.by_name("Seberang Masjid")) == "63.71.05.1007"
    assert code_of(regions.by_name("Sei Jingah")) == "63.71.04.1004"
    assert regions.by_name("Kelayan") == absent(Code.REGION_UNKNOWN)


def test_w5_four_numbers():
    assert code_of(regions.from_parts(63, 71, 5, 1002)) == "63.71.05.1002"
    assert code_of(regions.from_parts("63", "71", "05", "1002")) == "63.71.05.1002"
    assert regions.from_parts(63, 71, 5, None) == absent()
    assert regions.from_parts(63, 71, 99, 1002) == absent(Code.REGION_UNKNOWN)
    assert regions.from_parts(0, 71, 5, 1002) == regions.from_parts("", 71, 5, 1002) == absent(Code.REGION_UNKNOWN)


def test_w6_numeric_codes():
    assert code_of(regions.kemendagri_digits(6371051002)) == "63.71.05.1002"


def test_the_doubt_about_an_unknown_region_has_the_words_of_the_system():
    doubts = Doubts()
    known = regions.by_name("Mantuil", "Banjarmasin Selatan")
    assert code_of(known) == regions.collect_region(doubts, "/region", known, "Mantuil").code
    assert doubts.found == ()
    unknown = regions.by_name("Basirih", "Banjarmasin Selatan")
    assert regions.collect_region(doubts, "/region", unknown, " Basirih\x07", "Banjarmasin Selatan") is None
    assert [(d.code, d.original) for d in doubts.found] == [(Code.REGION_UNKNOWN, "Basirih, Banjarmasin Selatan")]
    assert regions.collect_region(doubts, "/other", absent(Code.REGION_UNKNOWN), None) is None
    assert doubts.found[1].original is None


def test_positions_lie_in_the_city():
    inside = regions.position(Reading(-3.3194), Reading(114.5908))
    assert inside.value.coordinates == (114.5908, -3.3194)
    for latitude, longitude in ((0.0, 0.0), (114.5908, -3.3194), (-6.2, 106.8)):
        assert regions.position(Reading(latitude), Reading(longitude)) == absent(Code.POSITION_OUTSIDE)


def test_doubts_are_collected_once_with_their_fields():
    doubts = Doubts()
    assert doubts.collect("/phone", phone("0")) is None
    assert doubts.collect("/phone", phone("-")) is None
    doubts.note(None, Code.RECORD_OUTDATED)
    assert [(d.code, d.field) for d in doubts.found] == [
        (Code.PHONE_FORM, "/phone"),
        (Code.RECORD_OUTDATED, None),
    ]


def test_a_reading_does_not_show_its_value():
    assert SERIAL not in repr(nik.nik_from_text(SERIAL))
