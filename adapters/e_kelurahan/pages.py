"""Parsing of e-kelurahan's HTML pages: forms, tables of stamps and files, messages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError

from adapters.e_kelurahan.wire import Permohonan
from adapters.errors import UpstreamMalformedError
from adapters.legacy.charsets import decode
from adapters.legacy.envelopes import looks_like_html, validation_summary
from adapters.upstream import HttpAnswer

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_PERMOHONAN: Final = TypeAdapter(Permohonan)
_END: Final = b"</html>"
_LONGEST_MESSAGE: Final = 200


class Page:
    """One complete page."""

    def __init__(self, answer: HttpAnswer) -> None:
        """Parse the page. Raises `UpstreamMalformedError` when the answer is not a page, or is truncated."""
        # Loaded with the first page: most questions are answered in JSON.
        from selectolax.lexbor import LexborHTMLParser

        if not looks_like_html(answer.content):
            raise UpstreamMalformedError("the answer is not a page")
        if not answer.content.rstrip().lower().endswith(_END):
            raise UpstreamMalformedError("the page is truncated")
        self._tree = LexborHTMLParser(decode(answer.content, "latin1").value or "")

    def says(self, words: str) -> bool:
        """Return whether the text of one of the page's paragraphs is exactly this."""
        return any(node.text(strip=True) == words for node in self._tree.css("p"))

    @property
    def is_ours(self) -> bool:
        """Whether the page belongs to the application, rather than to the server in front of it."""
        title = self._tree.css_first("title")
        return title is not None and title.text(strip=True).endswith("e-Kelurahan")

    @property
    def alert(self) -> str | None:
        """The error message on the page, or None."""
        node = self._tree.css_first("div.alert-danger")
        return " ".join(node.text().split())[:_LONGEST_MESSAGE] if node is not None else None

    @property
    def token(self) -> str:
        """The CSRF token of the page's form. Raises `UpstreamMalformedError` when there is none."""
        node = self._tree.css_first('input[name="csrf_test_name"]')
        token = _value(node) if node is not None else ""
        if not token:
            raise UpstreamMalformedError("the form has no token")
        return token

    def form(self, name: str) -> "Form | None":
        """Return the form of this id, or None."""
        node = self._tree.css_first(f"form#{name}")
        return Form(node) if node is not None else None

    def shows(self, name: str) -> bool:
        """Return whether there is a table of this id, with or without rows."""
        return self._tree.css_first(f"table#{name}") is not None

    def rows(self, name: str, *columns: str) -> list[dict[str, str]]:
        """Return the rows of the table of this id; `tautan` is the link in a row's cells, if it has one."""
        found = []
        for row in self._tree.css(f"table#{name} tbody tr"):
            cells = row.css("td")
            read = dict(zip(columns, (cell.text(strip=True) for cell in cells), strict=False))
            link = row.css_first("a[href]")
            found.append({**read, "tautan": (link.attributes.get("href") or "") if link is not None else ""})
        return found


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page."""

    node: "LexborNode"

    def values(self) -> dict[str, str]:
        """Return the fields with their current values."""
        fields = {_name(node): _value(node) for node in self.node.css("input[name]")}
        fields |= {_name(node): node.text() for node in self.node.css("textarea[name]")}
        fields |= {
            _name(node.parent): _value(node) for node in self.node.css("select[name] option[selected]") if node.parent
        }
        return fields

    def options(self, name: str) -> frozenset[str]:
        """Return the options of the field of this name."""
        return frozenset(_value(node) for node in self.node.css(f'select[name="{name}"] option'))


def _name(node: "LexborNode") -> str:
    return node.attributes.get("name") or ""


def _value(node: "LexborNode") -> str:
    return node.attributes.get("value") or ""


def application(answer: HttpAnswer) -> Permohonan | None:
    """Return the application of a detail page; None when the page states that there is none.

    The record contains the stamps, the files and the steps that the form offers. Raises `UpstreamMalformedError` for
    any other page.
    """
    page = Page(answer)
    form = page.form("detail")
    if form is None:
        if page.says("Data tidak ditemukan."):
            return None
        raise UpstreamMalformedError("the page does not show an application")
    if not (page.shows("riwayat") and page.shows("berkas")):
        raise UpstreamMalformedError("the page does not show an application's stamps and files")
    columns: dict[str, object] = {**form.values()}
    columns["riwayat"] = page.rows("riwayat", "pada", "oleh", "langkah", "catatan")
    columns["berkas"] = page.rows("berkas", "jenis", "nomor", "tanggal")
    steps = page.form("tindak")
    columns["tindakan"] = sorted(steps.options("langkah")) if steps else []
    try:
        return _PERMOHONAN.validate_python(columns)
    except ValidationError as error:
        reason = validation_summary(error)
    raise UpstreamMalformedError(f"the application on the page does not have the expected shape: {reason}")
