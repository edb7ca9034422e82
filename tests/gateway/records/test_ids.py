"""Opaque ids: a record's id never changes, and no other text opens."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.ground.sealing import Sealer
from gateway.records.ids import RecordIds, RecordPlace
from schemas.application import APPLICATION
from schemas.facility import FACILITY
from schemas.health import APPOINTMENT

IDS = RecordIds(Sealer(b"\1" * 32))
KEPT = "apl_H-dK2OMXnrYwy-NbgNgKLESEEeo6m_84zNchyrmZxlKs63VbJELu3i_pdx14_hdjfiziLUUqHg"
words = st.text(min_size=1, max_size=7)


@given(system=words, office=st.none() | words, key=st.text(max_size=60))
def test_an_id_opens_to_its_place_and_reveals_nothing(system, office, key):
    place = RecordPlace("application", system, office, key)
    public_id = IDS.make("apl", place)
    assert IDS.open(APPLICATION, public_id) == place
    assert IDS.make("apl", place) == public_id
    assert set(public_id) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    assert len(key) < 8 or key not in public_id + repr(place)


@given(text=st.text(max_size=80))
def test_no_other_text_opens(text):
    assert IDS.open(APPLICATION, text) is None
    assert IDS.open(APPLICATION, f"apl_{text}") is None


@given(data=st.data())
def test_no_changed_id_opens(data):
    public_id = IDS.make("apl", RecordPlace("application", "e-kelurahan", None, "42"))
    at = data.draw(st.integers(0, len(public_id) - 1))
    letter = data.draw(st.sampled_from("AZaz09-_="))
    changed = public_id[:at] + letter + public_id[at + 1 :]
    assert (IDS.open(APPLICATION, changed) is None) is (changed != public_id)
    assert IDS.open(APPLICATION, public_id[:-1]) is None


def test_an_id_of_another_resource_key_or_prefix_does_not_open():
    appointment = IDS.make("apt", RecordPlace("appointment", "e-puskesmas", "pekauman", "7"))
    assert IDS.open(APPOINTMENT, appointment) is not None
    # The prefix is not sealed.
    assert IDS.open(FACILITY, "fac" + appointment.removeprefix("apt")) is None
    assert RecordIds(Sealer(b"\2" * 32)).open(APPOINTMENT, appointment) is None


def test_ids_never_change():
    """Clients store ids, so the sealing must never change."""
    assert IDS.make("apl", RecordPlace("application", "e-kelurahan", None, "42")) == KEPT
