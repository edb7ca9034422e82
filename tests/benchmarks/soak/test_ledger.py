"""The ledger of a soak: which records an answer must have, and which it must not have."""

import math

from benchmarks.soak.ledger import HeldRecord, Ledger

OWNER, RESOURCE = "r001", "complaint"


def ledger_of(*records: HeldRecord) -> Ledger:
    ledger = Ledger()
    for record in records:
        ledger.add(OWNER, RESOURCE, record)
    return ledger


def differences(ledger: Ledger, *marks: str, start: float = 100, end: float = 110) -> list[str]:
    return list(ledger.differences(OWNER, RESOURCE, marks, start, end))


def test_an_answer_with_all_records_has_no_differences() -> None:
    ledger = Ledger()
    ledger.add_initial(OWNER, RESOURCE, ["1", "2", "2"])
    assert differences(ledger, "2", "1", "2") == []


def test_an_answer_without_a_record_is_wrong() -> None:
    ledger = Ledger()
    ledger.add_initial(OWNER, RESOURCE, ["1", "2"])
    assert differences(ledger, "1") == ["complaint: 1 of 2 records are missing, such as '2'"]


def test_an_answer_with_a_record_of_another_resident_is_wrong() -> None:
    ledger = Ledger()
    ledger.add_initial("r002", RESOURCE, ["9"])
    assert differences(ledger, "9") == ["complaint: 1 records are not in the system, such as '9'"]


def test_a_record_that_appears_during_the_question_may_be_shown_or_not() -> None:
    ledger = ledger_of(HeldRecord("1", 101, 102))
    assert differences(ledger) == differences(ledger, "1") == []


def test_a_record_that_appeared_before_the_question_must_be_shown() -> None:
    assert differences(ledger_of(HeldRecord("1", 98, 99)))


def test_a_record_that_appears_after_the_answer_must_not_be_shown() -> None:
    assert differences(ledger_of(HeldRecord("1", 111, 112)), "1")


def test_a_record_that_was_removed_before_the_question_must_not_be_shown() -> None:
    record = HeldRecord("1", gone_after=97, gone_before=98)
    assert differences(ledger_of(record), "1")
    assert differences(ledger_of(record)) == []


def test_a_record_whose_removal_has_begun_may_be_shown_or_not() -> None:
    ledger = ledger_of(HeldRecord("1", gone_after=105, gone_before=math.inf))
    assert differences(ledger) == differences(ledger, "1") == []
