"""Completeness: for every rule there is a test with an adapter that fails it."""

import ast
from pathlib import Path

from conformance.catalogue import RULES
from conformance.live import RULES as LIVE

HERE = Path(__file__).parent

FAILING_TESTS = {
    "shape-files": "test_shape::test_a_malformed_package",
    "shape-spec": "test_shape::test_a_spec_that_is_not_valid",
    "shape-rows": "test_shape::test_rows_that_contradict_themselves",
    "shape-datasheet": "test_shape::test_a_malformed_package",
    "shape-readme": "test_shape::test_a_malformed_package",
    "shape-settings": "test_shape::test_a_malformed_package",
    "shape-classes": "test_shape::test_a_body_without_classes",
    "shape-walls": "test_shape::test_a_malformed_package",
    "golden": "test_golden::test_a_pair_that_does_not_hold",
    "code-lists": "test_code_lists::test_a_code_that_is_not_in_its_list",
    "rows-answer": "test_rows::test_a_row_that_does_not_answer",
    "rows-keys": "test_rows::test_one_key_for_every_record",
    "rows-documents": "test_rows::test_documents_that_never_come",
    "hostile-connection": "test_hostile::test_an_error_that_is_turned_into_something_else",
    "hostile-statuses": "test_hostile::test_an_error_that_is_turned_into_something_else",
    "hostile-pages": "test_hostile::test_an_error_that_is_turned_into_something_else",
    "hostile-bodies": "test_hostile::test_rows_that_are_dropped_in_silence",
    "hostile-bombs": "test_hostile::test_an_adapter_that_holds_more_than_it_may",
    "hostile-redirect": "test_hostile::test_an_adapter_that_follows_a_redirect",
    "hostile-files": "test_hostile::test_a_damaged_file_that_is_left_out",
    "hostile-file-bombs": "test_hostile::test_an_adapter_that_unpacks_whatever_comes",
    "hostile-folder": "test_hostile::test_a_folder_that_is_gone_and_taken_for_empty",
    "hostile-database": "test_databases::test_a_database_that_is_damaged_and_taken_for_empty",
    "hostile-fields": "test_mutation::test_a_zero_date_that_raises",
    "owners": "test_rows::test_records_of_another_person",
    "strangers": "test_rows::test_a_list_without_subject_that_returns_everything",
    "unknown-keys": "test_rows::test_a_malformed_key_that_raises",
    "filters": "test_rows::test_a_filter_that_is_not_honoured",
    "paging": "test_rows::test_pages_that_overlap",
    "paging-moving": "test_callers::test_pages_by_offset",
    "feed-ends": "test_rows::test_a_feed_that_closes_no_snapshot",
    "feed-resumes": "test_rows::test_a_feed_that_resumes_from_another_mark",
    "probe": "test_rows::test_a_probe_that_always_succeeds",
    "mutation": "test_mutation::test_a_bad_record_that_costs_its_neighbour",
    "mutation-records": "test_mutation::test_a_normaliser_that_trusts_its_columns",
    "limits": "test_callers::test_requests_outside_the_declared_slots",
    "identity": "test_callers::test_the_token_of_a_resident_reaches_the_system",
    "webhook-stores": "test_webhooks::test_an_answer_that_the_system_does_not_accept",
    "webhook-once": "test_webhooks::test_a_push_identified_by_its_attempt_number",
    "webhook-sender": "test_webhooks::test_a_webhook_without_authentication",
    "webhook-damaged": "test_webhooks::test_a_webhook_that_fails_on_a_damaged_push",
    "write-once": "test_writes::test_a_write_that_is_sent_twice",
    "write-lost": "test_writes::test_a_write_that_repeats_itself_when_in_doubt",
    "write-unsent": "test_writes::test_an_unknown_outcome_that_is_reported_as_known",
    "write-damaged": "test_writes::test_an_unknown_outcome_that_is_reported_as_known",
    "write-look-damaged": "test_writes::test_a_look_up_that_takes_an_error_for_absence",
    "write-file-lost": "test_file_writes::test_a_dropped_file_that_is_reported_as_stored",
    "write-receipts-damaged": "test_file_writes::test_a_damaged_list_of_receipts_that_is_taken_for_none",
    "drift": "test_mutation::test_a_removed_field_that_is_filled_in",
    "faults": "test_mutation::test_a_fault_that_is_taken_for_an_answer",
    "probe-credentials": "test_rows::test_wrong_credentials_that_raise_another_error",
    "redaction": "test_redaction::test_leaks_in_logs_and_errors",
    "live-probe": "test_live::test_a_system_that_is_away",
    "live-reads": "test_live::test_a_system_whose_records_cannot_be_read",
    "live-latency": "test_live::test_a_system_that_is_slow",
    "live-drift": "test_live::test_a_system_that_has_drifted",
}


def _tests():
    """Yield every test of this folder, with its source."""
    for path in HERE.glob("test_*.py"):
        source = path.read_text("utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                start = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
                yield f"{path.stem}::{node.name}", "\n".join(source.splitlines()[start : node.end_lineno]), source


def test_every_rule_has_a_test_in_which_it_fails():
    assert set(FAILING_TESTS) == {rule.id for rule in (*RULES, *LIVE)}
    tests = {name: (own, whole) for name, own, whole in _tests()}
    assert set(FAILING_TESTS.values()) <= set(tests)
    for rule, name in FAILING_TESTS.items():
        own, whole = tests[name]
        assert "broken(" in own, name
        # By the id of the rule, or by its last part in a parameter list or a composed name.
        assert f'"{rule}"' in own or f'"{rule}"' in whole or f'"{rule.partition("-")[2]}"' in own, (rule, name)
