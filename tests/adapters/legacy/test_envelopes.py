"""Vectors S of the domain document: whole answers."""

import traceback
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError
from adapters.legacy.envelopes import (
    ONE_OR_MANY,
    Part,
    bare_message,
    empty_as,
    is_empty,
    looks_like_html,
    looks_like_login,
    nested_json,
    read_json,
    read_rows,
)
from adapters.legacy.reading import absent
from adapters.upstream import HttpAnswer
from schemas.doubts import DoubtCode

CANARY = "6371994502900011"


class Row(BaseModel):
    nik: str
    anak: int = 0


class Page(BaseModel):
    daftar: list[Row]


SHAPE = TypeAdapter(Page)


def answer(content: bytes, content_type: str = "text/html") -> HttpAnswer:
    return HttpAnswer(200, {"content-type": content_type}, content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"daftar":[{"nik":"1"}]}',
        b'\xef\xbb\xbf{"daftar":[{"nik":"1"}]}',
        b'\r\n {"daftar":[{"nik":"1","lain":{}}],"lain":1}\n',
    ],
)
def test_s1_json_is_json_whatever_it_is_called(content):
    assert read_json(answer(content), SHAPE) == Page(daftar=[Row(nik="1")])


def test_t1_json_in_its_declared_charset():
    assert read_json(answer(b'{"daftar":[{"nik":"\xef"}]}'), SHAPE, charset="latin1").daftar[0].nik == "ï"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'"NIK tidak ditemukan"',
        b"<!DOCTYPE html><html><body>Pemeliharaan</body></html>",
        b"\n <HTML >",
        b'{"daftar":[{"nik":"' + CANARY.encode(),
        b'{"daftar":[{"nik":"' + CANARY.encode() + b'","anak":"' + CANARY.encode() + b'x"}]}',
        b'{"daftar":{"' + CANARY.encode() + b'":1}}',
        b'{"daftar":[{"nik":"\xef"}]}',
        b'{"daftar":' * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
    ],
)
def test_s2_what_is_not_the_expected_json_is_malformed_and_is_not_quoted(content):
    with pytest.raises(UpstreamMalformedError) as raised:
        read_json(answer(content), SHAPE)
    shown = "".join(traceback.format_exception(raised.value))
    assert CANARY not in shown
    assert raised.value.__context__ is None
    assert len(raised.value.reason) < 200


def test_a_payloads_own_keys_are_not_quoted():
    shape = TypeAdapter(dict[str, int])
    with pytest.raises(UpstreamMalformedError) as raised:
        read_json(answer(b'{"Galuh Kenanga":"x","' + CANARY.encode() + b'":"x"}'), shape)
    assert "Galuh" not in raised.value.reason
    assert CANARY not in raised.value.reason


def test_s2_pages_and_login_pages():
    assert looks_like_html(b"<!doctype html><title>x</title>")
    assert looks_like_html(b"<h1>Service Unavailable</h1>")
    assert not looks_like_html(b"<rows><page>1</page></rows>")
    assert not looks_like_html(b'{"html":"<html>"}')
    assert looks_like_login(b'<html><form action="/login" method="post"></form>')
    assert looks_like_login(b'<html><body><input name="p" type="password">')
    assert not looks_like_login(b"<html><body>Pemeliharaan</body></html>")


def test_s3_an_empty_body():
    assert is_empty(answer(b"\r\n"))
    assert not is_empty(answer(b"{}"))


def test_s4_a_bare_string_is_a_message():
    assert bare_message(answer(b'"NIK tidak ditemukan"')) == "NIK tidak ditemukan"
    assert bare_message(answer(b"{}")) is None
    assert bare_message(answer(b"NIK")) is None


def test_s5_one_object_where_a_list_is_expected():
    shape = TypeAdapter(Annotated[list[Row], ONE_OR_MANY])
    assert shape.validate_python({"nik": "1"}) == [Row(nik="1")]
    assert shape.validate_python([{"nik": "1"}]) == [Row(nik="1")]


def test_s6_only_declared_empties_are_empty():
    shape = TypeAdapter(Annotated[list[Row], empty_as(None, "", {})])
    for empty in (None, "", {}, []):
        assert shape.validate_python(empty) == []
    strict = TypeAdapter(Annotated[list[Row], empty_as(None)])
    with pytest.raises(ValueError, match="list"):
        strict.validate_python("")
    with pytest.raises(ValueError, match="list"):
        TypeAdapter(Annotated[list[Row], empty_as(0)]).validate_python(False)


def test_one_bad_part_does_not_spoil_a_record():
    shape = TypeAdapter(tuple[Part[Row], ...])
    assert shape.validate_python([{"nik": "1"}, {"nik": []}, "x", {"nik": "2"}]) == (
        Row(nik="1"),
        None,
        None,
        Row(nik="2"),
    )


def test_one_bad_row_does_not_spoil_a_page():
    rows = read_rows([{"nik": "1"}, {"nik": None, "anak": CANARY + "x"}, "x", {"nik": "2"}], TypeAdapter(Row))
    assert [type(row) for row in rows] == [Row, Bad, Bad, Row]
    assert CANARY not in rows[1].reason


def test_t8_json_inside_a_column_is_parsed_once():
    assert nested_json('{"nama":"Uji \\u00e9 \\\\u00e9"}').value == {"nama": "Uji é \\u00e9"}
    assert nested_json('{"nama":"terpot') == absent(DoubtCode.TEXT_ENCODING)
    assert nested_json("") == nested_json(None) == absent()


@given(st.binary(max_size=200), st.integers(0, 60), st.binary(max_size=4))
def test_damage_gives_the_trees_error_and_nothing_else(noise, place, patch):
    good = b'{"daftar":[{"nik":"637199","anak":2},{"nik":"637198"}]}'
    for content in (noise, good[:place] + patch + good[place + len(patch) :]):
        try:
            assert isinstance(read_json(answer(content), SHAPE), Page)
        except UpstreamMalformedError:
            continue


def test_the_name_of_a_member_that_nobody_declared_is_not_told() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")

    (bad,) = read_rows([{f"nik{CANARY}": 1}], TypeAdapter(Strict))
    assert bad == Bad("1 fault(s), first at *: extra_forbidden")
