"""From biodata to resident: golden pairs recorded from the simulator, and what a row can do to us."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dukcapil import SPEC, normalise
from adapters.dukcapil.wire import Biodata, Envelope
from adapters.errors import UnusableRecordError
from schemas.doubts import Doubt, DoubtCode
from schemas.resident import RESIDENT, exact_nik

HERE = Path(__file__).parent
GOLDEN = sorted(path.name.removesuffix(".out.json") for path in HERE.glob("*.out.json"))
NIK = "6371994502900011"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _recorded(case: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads((HERE / f"{case}.in.json").read_text("utf-8"))
    return row


def _row(**changed: object) -> Biodata:
    return Biodata.model_validate({**_recorded("resident-plain"), **changed})


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_pair(case: str) -> None:
    normal = normalise.resident(Biodata.model_validate(_recorded(case)))
    found = {
        "body": normal.body.model_dump(mode="json", exclude_none=True),
        "doubts": [doubt.model_dump(mode="json", exclude_none=True) for doubt in normal.doubts],
    }
    assert found == json.loads((HERE / f"{case}.out.json").read_text("utf-8"))


def test_there_is_a_golden_pair_for_every_quirk() -> None:
    quirks = {"plain", "damaged", "renamed", "nik-as-text", "first-version", "zero-date", "odd-values"}
    assert {f"resident-{quirk}" for quirk in quirks} <= set(GOLDEN)


@pytest.mark.parametrize(
    ("written", "number", "exact", "doubts"),
    [
        (6371994502900011, NIK, True, ()),
        (NIK, NIK, True, ()),
        ("6371 9945.0290'0011", NIK, True, ()),
        (371994502900011, "0371994502900011", False, (DoubtCode.NIK_LEADING_ZERO_LOST,)),
        ("371994502900011", None, False, (DoubtCode.NIK_FORM,)),
        (6.37199450290001e15, None, False, (DoubtCode.NIK_FORM,)),
        ("6.37199E+15", None, False, (DoubtCode.NIK_FORM,)),
        (6371994502900000, "6371994502900000", False, (DoubtCode.NIK_FORM,)),
        (None, None, False, ()),
        ("-", None, False, ()),
    ],
)
def test_a_nik_is_only_exact_when_nothing_was_lost(
    written: object, number: str | None, exact: bool, doubts: tuple[DoubtCode, ...]
) -> None:
    normal = normalise.resident(_row(NIK=written, NO_KK=None, TGL_LHR=None, JENIS_KLMIN=None))
    found = [(identifier.value, identifier.exact) for identifier in normal.body.identifiers]
    assert found == ([] if number is None else [(number, exact)])
    assert tuple(doubt.code for doubt in normal.doubts if doubt.field == "/identifiers") == doubts
    assert exact_nik(normal.body.identifiers) == (number if exact else None)


def test_the_owner_is_whose_nik_stands_there() -> None:
    assert RESIDENT.owner is not None
    owner = RESIDENT.owner(normalise.resident(_row()).body)
    assert (owner.nik, owner.region) == (NIK, "63.71.01.1001")


def test_a_doubtful_family_card_is_passed_on_and_flagged() -> None:
    normal = normalise.resident(_row(NO_KK="6371991708"))
    (card,) = [identifier for identifier in normal.body.identifiers if identifier.scheme == "kk"]
    assert (card.value, card.exact) == ("6371991708", False)
    assert [doubt.code for doubt in normal.doubts] == [DoubtCode.NUMBER_FORM]


@pytest.mark.parametrize("word", ["TIDAK DIKETAHUI", "L", "x" * 200])
def test_an_unknown_sex_is_none_and_the_doubt_does_not_carry_the_word(word: str) -> None:
    normal = normalise.resident(_row(JENIS_KLMIN=word))
    assert normal.body.sex is None
    assert normal.doubts == (Doubt(code=DoubtCode.CODE_UNKNOWN, field="/sex"),)


def test_an_unknown_word_keeps_its_own_code_and_no_doubt_carries_it() -> None:
    normal = normalise.resident(Biodata.model_validate(_recorded("resident-odd-values")))
    assert normal.body.religion is not None
    assert (normal.body.religion.scheme, normal.body.religion.code) == ("dukcapil/agama", "ALIRAN LAIN")
    assert all(doubt.original is None for doubt in normal.doubts)


@pytest.mark.parametrize(
    ("written", "status", "codes"),
    [
        ("Sudah  eKTP ", ("card-status", "issued"), ()),
        ("BELUM EKTP", ("card-status", "not-issued"), ()),
        ("HILANG", ("dukcapil/status-ektp", "HILANG"), (DoubtCode.CODE_UNKNOWN,)),
        ("x" * 200, None, (DoubtCode.CODE_UNKNOWN,)),
        (2, ("dukcapil/status-ektp", "2"), (DoubtCode.CODE_UNKNOWN,)),
        ("-", None, (DoubtCode.PLACEHOLDER,)),
        (None, None, ()),
    ],
)
def test_whether_a_card_was_issued(
    written: object, status: tuple[str, str] | None, codes: tuple[DoubtCode, ...]
) -> None:
    normal = normalise.resident(_row(EKTP_STATUS=written))
    found = normal.body.card_status
    assert (None if found is None else (found.scheme, found.code)) == status
    assert normal.doubts == tuple(Doubt(code=code, field="/card_status") for code in codes)


@pytest.mark.parametrize(
    ("written", "date"),
    [("05-02-1990", "1990-02-05"), ("00-02-1990", "1990-02"), ("00-00-1990", "1990"), ("00-00-0000", None)],
)
def test_a_birth_date_has_the_known_parts_only(written: str, date: str | None) -> None:
    assert normalise.resident(_row(TGL_LHR=written)).body.birth_date == date


@pytest.mark.parametrize(("column", "field"), [("NO_RT", "rt"), ("NO_RW ", "rw"), ("KODE_POS", "postal_code")])
def test_a_number_of_another_kind_is_malformed(column: str, field: str) -> None:
    normal = normalise.resident(_row(**{column: 1200}))
    assert normal.body.address is not None
    assert getattr(normal.body.address, field) is None
    assert normal.doubts == (Doubt(code=DoubtCode.NUMBER_FORM, field=f"/address/{field}"),)


def test_the_key_hides_the_nik_and_is_the_same_for_number_and_text() -> None:
    (row,) = SPEC.reads
    assert row.key(_row(NIK=NIK)) == row.key(_row(NIK=int(NIK))) == row.key(_row(NIK=f" {NIK}"))
    assert row.key(_row(NIK="6371994502900012")) != row.key(_row())
    assert "637199" not in row.key(_row())
    for nothing in (None, "", 0):
        with pytest.raises(UnusableRecordError):
            row.key(_row(NIK=nothing))


def test_repr_shows_nobody() -> None:
    assert repr(_row()) == "Biodata()"
    assert "637199" not in repr(Envelope(content=[_recorded("resident-plain")]))


@given(damage=st.dictionaries(st.sampled_from(sorted(Biodata.model_fields)), ANYTHING, max_size=6))
def test_no_damage_raises_anything_else(damage: dict[str, Any]) -> None:
    keys = {name: f"{name} " if name in {"PDDK_AKH", "NO_RW"} else name for name in damage}
    try:
        row = _row(**{keys[name]: value for name, value in damage.items()})
    except ValueError:
        return  # not wire: the client sets it aside
    with suppress(UnusableRecordError):
        normalise.key(row)
        normalise.resident(row)


@pytest.mark.parametrize("field", ["NO_RT", "NO_RW ", "KODE_POS", "NIK", "NO_KK", "NO_KEL", "AGAMA", "TGL_LHR"])
def test_endless_digits_are_only_doubtful(field: str) -> None:
    row = _row(**{field: "9" * 100_000})
    normal = normalise.resident(row)
    assert normal.doubts
    assert len(normal.body.model_dump_json()) < 2_000
    assert len(normalise.key(row)) == 32


def test_the_readme_covers_every_wire_field() -> None:
    text = (Path(normalise.__file__).parent / "README.md").read_text("utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")]
    for name in (*Biodata.model_fields, "content", "RESPON", "RESPONSE_CODE"):
        assert any(f"`{name}" in line.split("|")[1] for line in table), name
