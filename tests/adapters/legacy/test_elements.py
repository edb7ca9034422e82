"""Elements of SOAP answers as plain members."""

from adapters.legacy.elements import members
from adapters.upstream import SoapElement


def test_members_by_local_names():
    element = SoapElement(
        "row",
        "urn:a",
        children=(
            SoapElement("text", "urn:a", " 1 "),
            SoapElement("nil", "urn:b"),
            SoapElement("empty", "", ""),
            SoapElement("twice", "urn:a", "1"),
            SoapElement("inner", "urn:a", children=(SoapElement("text", "", "x"),), attributes={"kind": "y"}),
            SoapElement("twice", "urn:b", None),
        ),
    )
    assert members(element) == {"text": " 1 ", "nil": None, "empty": "", "twice": ["1", None], "inner": {"text": "x"}}
    assert members(SoapElement("leaf", "", "text")) == {}
