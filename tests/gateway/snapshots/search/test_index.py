"""What an index finds, and how well."""

from gateway.snapshots.search.index import HEADLINE, OTHER_FIELD, Index
from schemas.complaint import COMPLAINT
from schemas.records import Record
from tests.gateway.fakes import complaint


def index(*bodies):
    return Index(COMPLAINT, [Record(str(at), str(at), body, None) for at, body in enumerate(bodies)])


def test_a_headline_counts_more_than_the_rest_and_a_whole_word_more_than_its_beginning():
    found = index(
        complaint("gelap", title="Lampu padam"),
        complaint("lampu gelap", title="Jalan"),
        complaint("lampunya terlampuaui", title="Lampung"),
        complaint("gelap", title="Jalan"),
    ).find(["lampu"])
    assert found[0] == HEADLINE
    assert found[1] == OTHER_FIELD
    assert OTHER_FIELD < found[2] < HEADLINE
    assert set(found) == {0, 1, 2}


def test_every_word_has_to_be_there_and_counts_once():
    made = index(complaint("lampu gelap"), complaint("lampu"))
    assert set(made.find(["lampu", "gelap"])) == {0}
    assert made.find(["lampu", "lampu"]) == made.find(["lampu"])
    assert made.find(["lampu", "jembatan"]) == made.find([]) == made.find(["zz"]) == {}
