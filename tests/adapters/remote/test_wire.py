"""The bounds of single members of messages and settings."""

import pytest
from pydantic import BaseModel, ValidationError

from adapters.remote.settings import Settings
from adapters.remote.wire import DocumentContent


def is_accepted(model: type[BaseModel], **members: object) -> bool:
    """Whether the members make a valid message."""
    try:
        model.model_validate(members)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("surat.pdf", True),
        ("Kartu Keluarga (2).pdf", True),
        ("é" * 120, True),  # a letter of any script, counted as one character
        ("", False),
        ("a" * 121, False),
        ("a/b", False),
        ("surat.pdf\n", False),
    ],
)
def test_a_file_name_has_up_to_120_letters_digits_and_harmless_signs(name, expected):
    content = {"content": "", "media_type": "application/pdf"}
    assert is_accepted(DocumentContent, filename=name, **content) is expected


@pytest.mark.parametrize(
    ("keyid", "expected"), [("kunci-1", True), ("k" * 64, True), ("", False), ("k" * 65, False), ("k k", False)]
)
def test_the_name_of_a_secret_has_up_to_64_characters(keyid, expected):
    assert is_accepted(Settings, base_url="https://a.example", secret="x" * 32, keyid=keyid) is expected
