"""The numbers of withheld records in the sources of an answer."""

from gateway.api.sources import with_withheld
from gateway.policy.disclosure import WithheldCounts
from gateway.policy.narrowing import CallerView
from schemas.envelope import OfficeSource, SourceState, is_complete


def test_officers_get_no_number_of_withheld_records_from_a_snapshot_either():
    source = OfficeSource(system="clinics", state=SourceState.HELD, items=1, withheld=2)
    for view, withheld, complete in ((CallerView.OFFICER, None, True), (CallerView.SELF, 2, False)):
        told = with_withheld(view, (source,), (), WithheldCounts({}))
        assert [each.withheld for each in told] == [withheld]
        assert is_complete(told) is complete
