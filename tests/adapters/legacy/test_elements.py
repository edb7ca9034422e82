"""Elements of SOAP answers as plain members."""

from adapters.legacy.elements import element_to_dict
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
    assert element_to_dict(element) == {
        "text": " 1 ",
        "nil": None,
        "empty": "",
        "twice": ["1", None],
        "inner": {"text": "x"},
    }
    assert element_to_dict(SoapElement("leaf", "", "text")) == {}
