"""The words of the admin's first page; the figures bring their own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DashboardWords:
    """The words of one language; `{}` stands for a name or a number."""

    title: str
    window: str
    days: str
    one_day: str
    compared: str
    counted: str
    never_counted: str
    nothing_happened: str
    days_of_zone: str
    before: str
    funnel: str
    of_visits: str
    daily: str
    revenue_by_day: str
    events_by_day: str
    as_table: str
    day: str
    lists: str
    no_lists: str
    by_placement: str
    by_list: str
    by_source: str
    placement: str
    list_name: str
    source: str
    models: str
    no_model: str
    live_model: str
    not_measured: str
    model: str
    went_live: str
    popularity: str
    readiness: str
    is_ready: str
    is_not_ready: str
    from_the_model: str
    need: str
    health: str
    ok: str
    failing: str
    missing: str
    database: str
    cache: str
    training: str
    worker: str
    queue: str
    waiting: str
    unreachable: str
    never: str
    download: str
    download_shop: str
    tables: str


WORDS = {
    "en": DashboardWords(
        title="What the shop earns",
        window="Window",
        days="{} days",
        one_day="1 day",
        compared="{} to {}, compared with as many days before. Today is not over yet.",
        counted="Counted {}.",
        never_counted="Nothing was counted yet. The worker counts every five minutes; "
        "“manage.py rebuild_insight” counts now.",
        nothing_happened="No interaction, no list and no order in these days and in those before. "
        "Figures appear once shoppers come, or once you import interactions.",
        days_of_zone="Days run from midnight to midnight in {}. A list takes credit for {} days.",
        before="before: {}",
        funnel="From visit to purchase",
        of_visits="{} of {} visits",
        daily="Day by day",
        revenue_by_day="Revenue a day",
        events_by_day="Interactions a day",
        as_table="As a table",
        day="Day",
        lists="What lists led to",
        no_lists="No list was served in these days.",
        by_placement="By placement",
        by_list="By list",
        by_source="By source",
        placement="Placement",
        list_name="List",
        source="Source",
        models="Models over time",
        no_model="No model has gone live yet.",
        live_model="The live model {} was trained {}.",
        not_measured="How good it is was not measured: too few shoppers came back.",
        model="Model",
        went_live="Live since",
        popularity="Popularity alone",
        readiness="Is each placement ready?",
        is_ready="Ready",
        is_not_ready="Not yet",
        from_the_model="{} of {} lists of the last 7 days came from the model.",
        need="{} of {} {}",
        health="Health",
        ok="OK",
        failing="failing",
        missing="missing",
        database="Database",
        cache="Cache",
        training="Training",
        worker="Worker",
        queue="Queue",
        waiting="{} waiting",
        unreachable="out of reach",
        never="has not counted yet",
        download="Download as CSV:",
        download_shop="The shop",
        tables="Everything else",
    ),
    "de": DashboardWords(
        title="Was der Shop einbringt",
        window="Zeitraum",
        days="{} Tage",
        one_day="1 Tag",
        compared="{} bis {}, verglichen mit ebenso vielen Tagen davor. Heute ist noch nicht "
        "vorbei.",
        counted="Gezählt {}.",
        never_counted="Es wurde noch nichts gezählt. Der Worker zählt alle fünf Minuten; "
        "„manage.py rebuild_insight“ zählt sofort.",
        nothing_happened="Keine Interaktion, keine Liste und keine Bestellung in diesen Tagen und "
        "davor. Zahlen erscheinen, sobald Käufer kommen oder Sie Interaktionen importieren.",
        days_of_zone="Tage gehen von Mitternacht bis Mitternacht in {}. Einer Liste wird {} Tage "
        "lang zugerechnet.",
        before="davor: {}",
        funnel="Vom Besuch zum Kauf",
        of_visits="{} von {} Besuchen",
        daily="Tag für Tag",
        revenue_by_day="Umsatz am Tag",
        events_by_day="Interaktionen am Tag",
        as_table="Als Tabelle",
        day="Tag",
        lists="Was auf Listen folgte",
        no_lists="In diesen Tagen wurde keine Liste ausgeliefert.",
        by_placement="Nach Platzierung",
        by_list="Nach Liste",
        by_source="Nach Quelle",
        placement="Platzierung",
        list_name="Liste",
        source="Quelle",
        models="Modelle im Lauf der Zeit",
        no_model="Noch kein Modell ist aktiv geworden.",
        live_model="Das aktive Modell {} wurde {} trainiert.",
        not_measured="Wie gut es ist, wurde nicht gemessen: Zu wenige Käufer kamen wieder.",
        model="Modell",
        went_live="Aktiv seit",
        popularity="Nur Beliebtheit",
        readiness="Ist jede Platzierung bereit?",
        is_ready="Bereit",
        is_not_ready="Noch nicht",
        from_the_model="{} von {} Listen der letzten 7 Tage kamen aus dem Modell.",
        need="{} von {} {}",
        health="Betrieb",
        ok="in Ordnung",
        failing="gestört",
        missing="fehlt",
        database="Datenbank",
        cache="Cache",
        training="Training",
        worker="Worker",
        queue="Warteschlange",
        waiting="{} warten",
        unreachable="nicht erreichbar",
        never="hat noch nicht gezählt",
        download="Als CSV herunterladen:",
        download_shop="Der Shop",
        tables="Alles andere",
    ),
}
