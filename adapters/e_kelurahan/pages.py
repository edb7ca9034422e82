"""What stands in the pages of e-kelurahan: forms with its columns, tables of stamps and files, messages."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError
from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.e_kelurahan.wire import Permohonan
from adapters.errors import UpstreamMalformedError
from adapters.legacy.charsets import decode
from adapters.legacy.envelopes import fault, looks_like_html
from adapters.upstream import HttpAnswer

_PERMOHONAN: Final = TypeAdapter(Permohonan)
_END: Final = b"</html>"
_LONGEST_MESSAGE: Final = 200


class Page:
    """One complete page."""

    def __init__(self, answer: HttpAnswer) -> None:
        """Raises `UpstreamMalformedError` when the answer is no page, or is cut off."""
        if not looks_like_html(answer.content):
            raise UpstreamMalformedError("something else came where a page was expected")
        if not answer.content.rstrip().lower().endswith(_END):
            raise UpstreamMalformedError("the page is cut off")
        self._tree = LexborHTMLParser(decode(answer.content, "latin1").value or "")

    def says(self, words: str) -> bool:
        """Whether one of the page's paragraphs is exactly these words."""
        return any(node.text(strip=True) == words for node in self._tree.css("p"))

    @property
    def is_ours(self) -> bool:
        """Whether it is a page of the application, rather than of the server in front of it."""
        title = self._tree.css_first("title")
        return title is not None and title.text(strip=True).endswith("e-Kelurahan")

    @property
    def alert(self) -> str | None:
        """What the page says went wrong, or None."""
        node = self._tree.css_first("div.alert-danger")
        return " ".join(node.text().split())[:_LONGEST_MESSAGE] if node is not None else None

    @property
    def token(self) -> str:
        """What the page's form wants back against forgery. Raises `UpstreamMalformedError` when there is none."""
        node = self._tree.css_first('input[name="csrf_test_name"]')
        token = _value(node) if node is not None else ""
        if not token:
            raise UpstreamMalformedError("the form has no token")
        return token

    def form(self, name: str) -> "Form | None":
        """The form of this id, or None."""
        node = self._tree.css_first(f"form#{name}")
        return Form(node) if node is not None else None

    def shows(self, name: str) -> bool:
        """Whether there is a table of this id, with rows or without."""
        return self._tree.css_first(f"table#{name}") is not None

    def rows(self, name: str, *columns: str) -> list[dict[str, str]]:
        """The rows of the table of this id; the last cell's link, if it has one, is `tautan`."""
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

    node: LexborNode

    def values(self) -> dict[str, str]:
        """The fields as they are filled in."""
        fields = {_name(node): _value(node) for node in self.node.css("input[name]")}
        fields |= {_name(node): node.text() for node in self.node.css("textarea[name]")}
        fields |= {
            _name(node.parent): _value(node) for node in self.node.css("select[name] option[selected]") if node.parent
        }
        return fields

    def options(self, name: str) -> frozenset[str]:
        """What may be chosen in the field of this name."""
        return frozenset(_value(node) for node in self.node.css(f'select[name="{name}"] option'))


def _name(node: LexborNode) -> str:
    return node.attributes.get("name") or ""


def _value(node: LexborNode) -> str:
    return node.attributes.get("value") or ""


def application(answer: HttpAnswer) -> Permohonan | None:
    """The application of a detail page, with its stamps and files; None when the page says that there is none.

    Raises `UpstreamMalformedError` for any other page.
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
    try:
        return _PERMOHONAN.validate_python(columns)
    except ValidationError as error:
        reason = fault(error)
    raise UpstreamMalformedError(f"the page is not the application that it should show: {reason}")
