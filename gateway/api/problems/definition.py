"""The definition of one type of problem (RFC 9457)."""

from dataclasses import dataclass

from schemas.texts import Text


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One type of problem. Its slug is the last part of its address and never changes."""

    slug: str
    status: int
    title: Text
    detail: Text


def kind(slug: str, status: int, title: tuple[str, str], detail: tuple[str, str]) -> ProblemType:
    """A type of problem; the texts are pairs of Indonesian and English."""
    return ProblemType(slug, status, Text(id=title[0], en=title[1]), Text(id=detail[0], en=detail[1]))
