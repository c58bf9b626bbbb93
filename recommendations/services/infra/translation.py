"""Tell sentences in the language of the page, with numbers as it writes them."""

from string import Formatter
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from recommendations.sentences import Sentence, Text


def tell(text: str) -> str:
    """Return a text in the language of the page; what is no sentence stays as it is."""
    if isinstance(text, Text):
        return text.between.join(map(tell, text.parts))
    if not isinstance(text, Sentence):
        return text
    if text.plural:
        template = ngettext(text.template, text.plural, int(text.values["count"]))
    else:
        template = gettext(text.template)
    values = {
        name: tell(value) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return _Localizer().vformat(template, (), values)


class _Localizer(Formatter):
    """Writes numbers that have separators between thousands with those of the language."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return the value as text."""
        if format_spec == "," and isinstance(value, int):
            return str(number_format(value, force_grouping=True))
        return str(super().format_field(value, format_spec))
