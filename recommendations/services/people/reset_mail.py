"""The mail with links that reset passwords, in the languages of the storefront."""

from collections.abc import Mapping

from recommendations.conf import configuration

SUBJECTS = {
    "en": "Choose a new password at {shop}",
    "de": "Wählen Sie ein neues Passwort bei {shop}",
}
TEXTS = {
    "en": """Somebody, we hope you, asked for a new password at {shop}.

{links}

A link works once, for three days. If it was not you, do nothing: the old password stays as it
is.
""",
    "de": """Jemand, wir hoffen Sie, bat um ein neues Passwort bei {shop}.

{links}

Ein Link gilt einmal, drei Tage lang. Waren Sie es nicht, so tun Sie nichts: Das alte Passwort
gilt weiter.
""",
}


LINKS = {
    "en": "Choose one for the account {username} here: {link}",
    "de": "Hier wählen Sie eines für das Konto {username}: {link}",
}


def build_reset_mail(*, language: str, links: Mapping[str, str]) -> tuple[str, str]:
    """Return the subject and the text of the mail with the links of these user names.

    `language` is a code such as `de` or `de-at`; the shop's language stands in for unknown ones.
    """
    shop = configuration().shop_name
    code = language.split("-", maxsplit=1)[0].lower()
    if code not in TEXTS:
        code = configuration().language
    lines = [LINKS[code].format(username=name, link=link) for name, link in links.items()]
    text = TEXTS[code].format(shop=shop, links="\n\n".join(lines))
    return SUBJECTS[code].format(shop=shop), text
