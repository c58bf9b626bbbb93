"""Read the form of an admin page as a browser does."""

from html.parser import HTMLParser
from typing import Any


class _Fields(HTMLParser):
    """The successful controls of the form whose id ends in `form_id`."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self._form_id = form_id
        self.fields: dict[str, list[str]] = {}
        self._inside = False
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id", "").endswith(self._form_id)
        name = given.get("name", "")
        if not self._inside or "disabled" in given:
            return
        if tag == "input" and name:
            is_choice = given.get("type") in {"checkbox", "radio"}
            if given.get("type") not in {"submit", "file", "button"} and (
                not is_choice or "checked" in given
            ):
                self.fields.setdefault(name, []).append(
                    given.get("value", "on" if is_choice else "")
                )
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.fields.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            self._textarea = name
            self.fields[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            # The first line break after <textarea> is not part of the text.
            text = self.fields[self._textarea][0] + data
            self.fields[self._textarea][0] = text


def read_form(page: Any, *, form_id: str = "_form") -> dict[str, Any]:
    """Return what a browser would send if nobody typed anything, of the form with this id."""
    parser = _Fields(form_id)
    parser.feed(page.content.decode())
    assert parser.fields, "the page has no form"
    return {
        name: [value.removeprefix("\r\n").removeprefix("\n") for value in values]
        for name, values in parser.fields.items()
    }
