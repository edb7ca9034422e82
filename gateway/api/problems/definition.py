"""The definition of a problem type."""

from dataclasses import dataclass

from schemas.texts import Text


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A problem type. Its slug is the last segment of its URI and never changes."""

    slug: str
    status: int
    title: Text
    detail: Text


def problem_type(slug: str, status: int, title: tuple[str, str], detail: tuple[str, str]) -> ProblemType:
    """Build a problem type; the texts are pairs of Indonesian and English."""
    return ProblemType(slug, status, Text(id=title[0], en=title[1]), Text(id=detail[0], en=detail[1]))
