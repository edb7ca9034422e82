"""Opaque ids: a record's id never changes, and no other text opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ground.sealing import Sealer
from gateway.records.ids import RecordIds, RecordPlace
from schemas.application import APPLICATION
from schemas.facility import FACILITY
from schemas.health import APPOINTMENT

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
OFFICES = (("e-kelurahan", None), ("e-puskesmas", "pekauman"), ("e-puskesmas", "cempaka"))
KEPT = {
    RecordPlace("application", "e-kelurahan", None, "42"): "apl_PqOiRa_t1X1F6bU",
    RecordPlace("application", "e-kelurahan", None, "surat/0007"): "apl_YyuSQ5DeHYDV2OQe8_fmtg",
    RecordPlace("application", "e-puskesmas", "cempaka", "12f~.é"): "apl_qZoXIORu3PvTX2vuVsX-LbQ",
}
words = st.text(min_size=1, max_size=7)
keys = st.text(st.characters(exclude_categories=()), max_size=60) | st.from_regex(r"[0-9a-f]{32}", fullmatch=True)


def ids(*offices, master=b"\1" * 32):
    """Ids with these live offices."""
    return RecordIds(Sealer(master), lambda _resource: offices)


IDS = ids(*OFFICES)


@given(system=words, office=st.none() | st.text(max_size=7), key=keys)
def test_an_id_opens_to_its_place_and_reveals_nothing(system, office, key):
    place = RecordPlace("application", system, office, key)
    made = ids(*OFFICES, (system, office))
    public_id = made.make("apl", place)
    assert made.open(APPLICATION, public_id) == place
    assert ids().make("apl", place) == public_id, "the same in every process, whichever offices are live"
    assert set(public_id.removeprefix("apl_")) <= set(LETTERS)
    assert len(key) < 8 or key not in public_id + repr(place)


@given(text=st.text(max_size=80) | st.text(LETTERS, max_size=80))
def test_no_other_text_opens(text):
    assert IDS.open(APPLICATION, text) is None
    assert IDS.open(APPLICATION, f"apl_{text}") is None


@pytest.mark.parametrize("key", ["42", "surat/0007", "2026-12-02/001/A-001~0123456789abcdef", "x" * 90])
def test_an_id_with_any_character_changed_added_or_left_out_does_not_open(key):
    place = RecordPlace("application", "e-kelurahan", None, key)
    public_id = IDS.make("apl", place)
    assert IDS.open(APPLICATION, public_id) == place
    for at in range(len(public_id)):
        start, end = public_id[:at], public_id[at + 1 :]
        for letter in LETTERS + "=+/ \né":
            changed = start + letter + end
            assert changed == public_id or IDS.open(APPLICATION, changed) is None
        for changed in (start, start + end, f"{start}A{public_id[at:]}"):
            assert IDS.open(APPLICATION, changed) is None
    for changed in (f"{public_id}=", f"{public_id}A", f"{public_id}\n", f"{public_id}{public_id}"):
        assert IDS.open(APPLICATION, changed) is None


@given(data=st.data())
def test_the_id_of_another_record_is_not_half_of_this_one(data):
    """Parts of two ids, put together, are no id."""
    one, other = (
        IDS.make("apl", RecordPlace("application", "e-kelurahan", None, key)) for key in ("surat/0007", "surat/0008")
    )
    at = data.draw(st.integers(5, len(one) - 1))
    changed = one[:at] + other[at:]
    assert changed in (one, other) or IDS.open(APPLICATION, changed) is None


def test_an_id_of_another_resource_key_or_prefix_does_not_open():
    appointment = IDS.make("apt", RecordPlace("appointment", "e-puskesmas", "pekauman", "7"))
    assert IDS.open(APPOINTMENT, appointment) is not None
    # The prefix is not sealed.
    assert IDS.open(FACILITY, "fac" + appointment.removeprefix("apt")) is None
    assert IDS.open(FACILITY, IDS.make("fac", RecordPlace("appointment", "e-puskesmas", "pekauman", "7"))) is None
    assert ids(*OFFICES, master=b"\2" * 32).open(APPOINTMENT, appointment) is None


def test_an_id_opens_while_its_system_and_office_are_live():
    place = RecordPlace("appointment", "e-puskesmas", "pekauman", "7")
    public_id = IDS.make("apt", place)
    for others in ((), OFFICES[::2], (("e-puskesmas", None), ("e-puskesmas", ""), ("e", "puskesmaspekauman"))):
        assert ids(*others).open(APPOINTMENT, public_id) is None
    assert ids(*others, *OFFICES[1:]).open(APPOINTMENT, public_id) == place


@pytest.mark.parametrize(
    "key",
    [
        "x" * 20,
        "Ab" * 10,
        "é" * 10,
        "0123456789abcdef" * 2,
        "5f0c6f6e-8f5a-4a7e-9d4c-2c7a3e1b0d9f",
        "b91d1674d96c7f71557db54f~f80b83c2.12",
        "2026-12-02/021/P-123~0123456789abcdef",
        "2026/2.16.2.20.2.21.01.0000/2.16.03.2.12.0114",
        "20261203/K 2 PULANG/18:45:30/12",
        "20261203/KL 2 PULANG 1845//125",
        "17990102011226P00100312345",
        "63.71.010.001.001-0012.0-2026",
        "surat_ktm_sekolah/0001",
    ],
)
def test_an_id_has_at_most_45_characters_for_the_keys_of_systems(key):
    assert len(IDS.make("apl", RecordPlace("application", "a" * 60, "b" * 60, key))) <= 45


def test_offices_never_share_an_id():
    offices = (("a", None), ("a", ""), ("a", "b"), ("b", "a"), ("ab", None))
    assert len({IDS.make("apl", RecordPlace("application", *office, "7")) for office in offices}) == len(offices)


def test_the_same_key_looks_different_in_every_office():
    """Nothing in an id shows that two offices have a record with the same key."""
    one, other = (IDS.make("apl", RecordPlace("application", *office, "x" * 40)) for office in OFFICES[1:])
    assert sum(a == b for a, b in zip(one[4:], other[4:], strict=True)) < 8


@pytest.mark.parametrize(("place", "public_id"), KEPT.items())
def test_ids_never_change(place, public_id):
    """Clients store ids, so the sealing must never change."""
    assert IDS.make("apl", place) == public_id
