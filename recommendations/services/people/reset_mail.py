"""The mail with a link that resets a password, in the languages of the storefront."""

from recommendations.conf import configuration

SUBJECTS = {
    "en": "Choose a new password at {shop}",
    "de": "Wählen Sie ein neues Passwort bei {shop}",
}
TEXTS = {
    "en": """Somebody, we hope you, asked for a new password for the account {username} at
{shop}.

Choose one here: {link}

The link works once, for three days. If it was not you, do nothing: the old password stays as
it is.
""",
    "de": """Jemand, wir hoffen Sie, bat um ein neues Passwort für das Konto {username} bei
{shop}.

Hier wählen Sie eines: {link}

Der Link gilt einmal, drei Tage lang. Waren Sie es nicht, so tun Sie nichts: Das alte Passwort
gilt weiter.
""",
}


def build_reset_mail(*, language: str, username: str, link: str) -> tuple[str, str]:
    """Return the subject and the text of the mail.

    `language` is a code such as `de` or `de-at`; the shop's language stands in for unknown ones.
    """
    shop = configuration().shop_name
    code = language.split("-", maxsplit=1)[0].lower()
    if code not in TEXTS:
        code = configuration().language
    text = TEXTS[code].format(username=username, shop=shop, link=link)
    return SUBJECTS[code].format(shop=shop), text
