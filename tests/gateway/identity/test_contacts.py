"""Contacts, as people type them; and who may be told what."""

import pytest

from gateway.identity.contacts import ContactAddress, ContactKind, read_address

EMAIL, TELEPHONE = ContactKind.EMAIL, ContactKind.TELEPHONE


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        (" Galuh.Kenanga+kota@Example.ID ", EMAIL, "galuh.kenanga+kota@example.id"),
        ("0812 3456 7890", TELEPHONE, "+6281234567890"),
        ("0812-3456-789", TELEPHONE, "+628123456789"),
        ("62 812 3456 7890", TELEPHONE, "+6281234567890"),
        ("+62 (812) 3456.7890", TELEPHONE, "+6281234567890"),
        ("+62 (0) 812 3456 7890", TELEPHONE, "+6281234567890"),
        ("620812 3456 7890", TELEPHONE, "+6281234567890"),
        ("+62 511 335 0000", TELEPHONE, "+625113350000"),
        ("+60 12 345 6789", TELEPHONE, "+60123456789"),
        ("+1 202 555 0143", TELEPHONE, "+12025550143"),
    ],
)
def test_contacts_are_read_as_people_write_them(typed, kind, value):
    assert read_address(typed) == ContactAddress(kind, value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "galuh",
        "a@b",
        "a@b..id",
        "a b@c.id",
        "a@c.id\r\nBcc: x@y.id",
        "<a@c.id>",
        "a@-c.id",
        "é@c.id",
        "a@c.id" + "d" * 300,
        "0812",
        "+0812345678",
        "+62812345678901234",
        "６２８１２３４５６７８９",
        "08123456789x",
        "6371994502900011",
        "0844 3456 7890",
        "0809 123 4567",
        "+62 800 123 4567",
        "+44 909 879 0000",
        "+999 812 3456 7890",
        "+39 0 12",
    ],
)
def test_what_is_no_contact_is_refused(typed):
    assert read_address(typed) is None


def test_a_contact_is_shown_shortened_and_never_by_repr():
    assert ContactAddress(EMAIL, "galuh@example.id").masked == "g•••@example.id"
    assert ContactAddress(TELEPHONE, "+6281234567890").masked == "+62 ••• 890"
    assert "galuh" not in repr(ContactAddress(EMAIL, "galuh@example.id"))
