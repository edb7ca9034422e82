"""The exception that makes a route answer with a problem."""

from collections.abc import Mapping

from schemas.envelope import OfficeSource
from schemas.problem import FieldProblem


class ProblemError(Exception):
    """Answer with the problem type `slug`."""

    def __init__(
        self,
        slug: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: tuple[FieldProblem, ...] | None = None,
        sources: tuple[OfficeSource, ...] | None = None,
        scopes: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(slug)
        self.slug = slug
        self.headers = dict(headers or {})
        self.errors = errors
        self.sources = sources
        self.scopes = scopes
