"""What is shown of a record when some of its changes are fetched and some are pushed, in whichever order they come."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.ground.clock import WITA
from gateway.snapshots.overlay import Overlay, Pushed
from gateway.snapshots.snapshot import Snapshot
from schemas.case import CaseStatus
from schemas.complaint import COMPLAINT, Complaint
from schemas.records import Provenance, Record

START = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
KEEP = timedelta(days=1)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def record(number: int, minute: float | None, *, key: str = "1", came: float = 0) -> Record[Complaint]:
    """Version `number` of a record, changed at this minute."""
    body = Complaint(
        number=key,
        text=f"version {number}",
        status=CaseStatus.SUBMITTED,
        updated_at=None if minute is None else at(minute),
    )
    return Record(f"cmp_{key}", key, body, Provenance(system="lapor", fetched_at=at(came)))


def snapshot(minute: float, *records: Record[Complaint]) -> Snapshot[Complaint]:
    return Snapshot(
        digest=f"{minute}", fetched_at=at(minute), as_of=None, set_aside=0, records=records, count=len(records)
    )


def pushed(minute: float, number: int, changed: float | None, *, hidden: bool = False, key: str = "1"):
    shown = None if hidden else record(number, changed, key=key, came=minute)
    return Pushed(f"cmp_{key}", shown, None if changed is None else at(changed), at(minute))


def overlay() -> Overlay[Complaint]:
    return Overlay(COMPLAINT, lambda complaint: complaint.updated_at, KEEP)


def texts(shown: Snapshot[Complaint]) -> list[str]:
    return [one.body.text for one in shown.records]


def test_without_pushes_a_snapshot_is_what_was_fetched():
    fetched = snapshot(0, record(1, 0))
    assert overlay().merge(fetched) is fetched


def test_what_was_pushed_later_is_shown_and_another_list_than_before():
    over, fetched = overlay(), snapshot(0, record(1, -5), record(7, -5, key="2"))
    assert over.add([pushed(2, 2, 1)]) == frozenset()
    shown = over.merge(fetched)
    assert sorted(texts(shown)) == ["version 2", "version 7"]
    assert shown.digest != fetched.digest
    assert (shown.count, shown.fetched_at) == (2, fetched.fetched_at)


def test_a_new_record_is_shown_until_a_fetch_does_not_bring_it():
    over = overlay()
    over.add([pushed(2, 1, 2)])
    assert texts(over.merge(snapshot(0))) == ["version 1"]
    assert texts(over.merge(snapshot(3))) == []


def test_a_late_push_of_an_earlier_state_does_not_bring_back_what_is_gone():
    over = overlay()
    over.add([pushed(9, 1, 2)])
    assert texts(over.merge(snapshot(5))) == []


def test_what_became_secret_is_hidden_even_where_the_list_is_behind():
    over = overlay()
    assert over.add([pushed(2, 2, 2, hidden=True)]) == {"cmp_1"}
    for minute in (0, 3, 60):
        shown = over.merge(snapshot(minute, record(1, -5)))
        assert (texts(shown), shown.count) == ([], 0)
    assert texts(over.merge(snapshot(3))) == []
    assert texts(over.merge(snapshot(61, record(1, -5)))) == []
    # Made public again later, it is shown again.
    assert texts(over.merge(snapshot(70, record(3, 65)))) == ["version 3"]


def test_systems_that_do_not_say_when_are_believed_in_the_order_of_arrival():
    over = overlay()
    over.add([pushed(2, 2, None)])
    assert texts(over.merge(snapshot(0, record(1, None)))) == ["version 2"]
    assert texts(over.merge(snapshot(3, record(3, None)))) == ["version 3"]


def test_nothing_pushed_counts_for_longer_than_a_snapshot_may_be_held():
    over = overlay()
    over.add([pushed(0, 2, 0, hidden=True)])
    later = snapshot(KEEP / timedelta(minutes=1) + 1, record(1, -5))
    assert texts(over.merge(later)) == ["version 1"]


CHANGE, FETCH = "change", "fetch"
EVENTS = st.lists(st.just(CHANGE) | st.just(FETCH) | st.integers(0, 9), max_size=30)


@given(hidden=st.lists(st.booleans(), min_size=31, max_size=31), events=EVENTS)
def test_what_is_known_of_the_newest_state_is_shown_and_never_lost_again(hidden, events):
    """A record changes now and then, some of its states secret; pushes come late, out of order, again, or never."""
    over, changed = overlay(), [0]

    def fetched_at(minute: int) -> Snapshot[Complaint]:
        newest = len(changed) - 1
        return snapshot(minute, *(() if hidden[newest] else (record(newest, changed[newest], came=minute),)))

    fetched, known = fetched_at(1), 0
    for minute, event in enumerate(events, start=2):
        newest = len(changed) - 1
        if event == CHANGE:
            changed.append(minute)
        elif event == FETCH:
            fetched, known = fetched_at(minute), newest
        else:
            number = max(0, newest - event)
            over.add([pushed(minute, number, changed[number], hidden=hidden[number])])
            known = max(known, number)
        if known == len(changed) - 1:
            assert texts(over.merge(fetched)) == ([] if hidden[known] else [f"version {known}"])
