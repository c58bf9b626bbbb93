"""The words of a page before its scripts run, in the languages of the storefront.

A test holds them equal to the words that the storefront's scripts show in the same places.
"""

from dataclasses import dataclass
from decimal import Decimal

from recommendations.conf import configuration

NO_BREAK_SPACE = "\u00a0"
# The signs that browsers use in English; other currencies are written with their code.
CURRENCY_SIGNS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "PHP": "₱",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; `{}` stands for a name or a number."""

    home: str
    search: str
    other_language: str
    sign_in: str
    account: str
    cart: str
    categories: str
    everything: str
    hero_title: str
    hero_text: str
    browse: str
    demo_title: str
    demo_text: str
    products: str
    one_product: str
    many_products: str
    one_result: str
    many_results: str
    no_result: str
    search_start: str
    no_match: str
    pages: str
    previous: str
    next: str
    page_of: str
    busy: str
    away_title: str
    away_text: str
    filters: str
    breadcrumbs: str
    sold_out: str
    from_price: str
    regular_price: str
    not_made: str
    one_rating: str
    many_ratings: str
    unrated: str
    about: str
    no_script_title: str
    no_script_text: str
    reload: str
    cart_title: str
    checkout_title: str
    search_title: str
    sign_in_title: str
    register_title: str
    forgotten_title: str
    reset_title: str
    account_title: str
    order_title: str
    not_found_title: str
    shop_description: str
    category_description: str

    def count_products(self, count: int) -> str:
        """Return how many products there are, in words."""
        return (self.one_product if count == 1 else self.many_products).format(count)

    def count_results(self, count: int, searched: str) -> str:
        """Return how many products a search found, in words."""
        return (self.one_result if count == 1 else self.many_results).format(count, searched)

    def count_ratings(self, count: int) -> str:
        """Return how many ratings there are, in words."""
        if count == 0:
            return self.unrated
        return (self.one_rating if count == 1 else self.many_ratings).format(count)


WORDS = {
    "en": Words(
        home="{}, home",
        search="Search the shop",
        other_language="de",
        sign_in="Sign in",
        account="Your account",
        cart="Cart",
        categories="Categories",
        everything="Everything",
        hero_title="Look around.\nThe shelves take notice.",
        hero_text="Open what you like. Your next look at this page will show it, and every product "
        "on a personal shelf says why it is there.",
        browse="Browse everything",
        demo_title="Or step into someone else’s shoes",
        demo_text="Sign in as one of these shoppers and watch the shelves change.",
        products="Products",
        one_product="{} product",
        many_products="{} products",
        one_result="{} result for “{}”",
        many_results="{} results for “{}”",
        no_result="Nothing matches “{}”.",
        search_start="Type a product, a brand or a category above.",
        no_match="No product fits these filters.",
        pages="Pages",
        previous="Previous",
        next="Next",
        page_of="Page {} of {}",
        busy="Many people are asking for this right now. Try again in a moment.",
        away_title="This part of the shop did not load.",
        away_text="This part of the shop is not available right now. Try again in a moment.",
        filters="Filters",
        breadcrumbs="Breadcrumbs",
        sold_out="Sold out",
        from_price="from",
        regular_price="Regular price",
        not_made="Not available with this choice",
        one_rating="{} rating",
        many_ratings="{} ratings",
        unrated="No ratings yet",
        about="About it",
        no_script_title="This page shows only a part of the shop.",
        no_script_text="Its scripts did not run. You can search, and look at products and "
        "categories. Filters, cart, checkout, likes and signing in need JavaScript: turn it on, or "
        "reload the page.",
        reload="Reload",
        cart_title="Your cart",
        checkout_title="Checkout",
        search_title="Search",
        sign_in_title="Sign in",
        register_title="Create an account",
        forgotten_title="Forgotten your password?",
        reset_title="Choose a new password",
        account_title="Your account",
        order_title="Order {}",
        not_found_title="There is nothing at this address.",
        shop_description="A shop that learns what you like from what you look at.",
        category_description="{category} at {shop}: {products} to look through.",
    ),
    "de": Words(
        home="{}, Startseite",
        search="Im Laden suchen",
        other_language="en",
        sign_in="Anmelden",
        account="Ihr Konto",
        cart="Warenkorb",
        categories="Kategorien",
        everything="Alles",
        hero_title="Sehen Sie sich um.\nDie Regale merken es.",
        hero_text="Öffnen Sie, was Ihnen gefällt. Beim nächsten Blick auf diese Seite sehen Sie "
        "es, und jedes Produkt in einem persönlichen Regal sagt, warum es dort steht.",
        browse="Alles ansehen",
        demo_title="Oder schlüpfen Sie in fremde Schuhe",
        demo_text="Melden Sie sich als eine dieser Personen an und sehen Sie den Regalen zu.",
        products="Produkte",
        one_product="{} Produkt",
        many_products="{} Produkte",
        one_result="{} Treffer für „{}“",
        many_results="{} Treffer für „{}“",
        no_result="Nichts passt zu „{}“.",
        search_start="Geben Sie oben ein Produkt, eine Marke oder eine Kategorie ein.",
        no_match="Kein Produkt passt zu diesen Filtern.",
        pages="Seiten",
        previous="Zurück",
        next="Weiter",
        page_of="Seite {} von {}",
        busy="Gerade fragen viele danach. Versuchen Sie es gleich noch einmal.",
        away_title="Dieser Teil des Ladens konnte nicht geladen werden.",
        away_text="Dieser Teil des Ladens ist gerade nicht verfügbar. Versuchen Sie es gleich noch "
        "einmal.",
        filters="Filter",
        breadcrumbs="Pfad",
        sold_out="Ausverkauft",
        from_price="ab",
        regular_price="Normalpreis",
        not_made="In dieser Kombination nicht erhältlich",
        one_rating="{} Bewertung",
        many_ratings="{} Bewertungen",
        unrated="Noch keine Bewertung",
        about="Beschreibung",
        no_script_title="Diese Seite zeigt nur einen Teil des Ladens.",
        no_script_text="Ihre Skripte liefen nicht. Sie können suchen und Produkte und Kategorien "
        "ansehen. Filter, Warenkorb, Kasse, Merkliste und Anmeldung brauchen JavaScript: Schalten "
        "Sie es ein, oder laden Sie die Seite neu.",
        reload="Neu laden",
        cart_title="Ihr Warenkorb",
        checkout_title="Kasse",
        search_title="Suche",
        sign_in_title="Anmelden",
        register_title="Konto anlegen",
        forgotten_title="Passwort vergessen?",
        reset_title="Neues Passwort wählen",
        account_title="Ihr Konto",
        order_title="Bestellung {}",
        not_found_title="Unter dieser Adresse ist nichts.",
        shop_description="Ein Laden, der aus dem, was Sie ansehen, lernt, was Ihnen gefällt.",
        category_description="{category} bei {shop}: {products} zum Ansehen.",
    ),
}


def get_words() -> Words:
    """Return the words of the shop's language."""
    return WORDS[configuration().language]


def format_price(price: str, currency: str) -> str:
    """Return a price in the format of the shop's language: "$1,249.50" or "1.249,50 €"."""
    number = f"{Decimal(price):,}"
    if configuration().language == "de":
        number = number.translate({ord(","): ".", ord("."): ","})
        return f"{number}{NO_BREAK_SPACE}{CURRENCY_SIGNS.get(currency, currency)}"
    return f"{CURRENCY_SIGNS.get(currency, currency + NO_BREAK_SPACE)}{number}"
