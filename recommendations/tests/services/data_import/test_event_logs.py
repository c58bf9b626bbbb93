"""Logs of shops, of programs that count visitors, and of research become interactions."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recommendations.models import Product, UserBehavior
from recommendations.services.data_import import FileTaken, ImportPlan, ImportReport, import_data
from recommendations.tests.services.data_import.imported_files import (
    to_json_lines,
    write_file,
)

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

Event = tuple[str | None, str, str]


def take(folder: Path, name: str, content: str, **plan: Any) -> tuple[ImportReport, FileTaken]:
    taken: list[FileTaken] = []
    path = write_file(folder, name, content)
    report = import_data(ImportPlan("shop", interactions=path, **plan), on_taken=taken.append)
    return report, taken[0]


def take_products(folder: Path, name: str, content: str) -> FileTaken:
    taken: list[FileTaken] = []
    path = write_file(folder, name, content)
    import_data(ImportPlan("shop", products=path), on_taken=taken.append)
    return taken[0]


def list_events() -> list[tuple[str | None, str, str]]:
    rows = UserBehavior.objects.order_by("timestamp", "id").select_related("user", "product")
    return [
        (
            row.user.username.removeprefix("shop-") if row.user else row.session_id,
            row.interaction_type,
            row.product.external_id,
        )
        for row in rows
    ]


def test_events_of_rees46(tmp_path: Path) -> None:
    report, taken = take(
        tmp_path,
        "2019-Nov.csv",
        "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,"
        "user_session\n"
        "2019-11-01 00:00:00 UTC,view,1003461,205,electronics.smartphone,xiaomi,489.07,520,a-1\n"
        "2019-11-01 00:00:01 UTC,cart,1003461,205,electronics.smartphone,xiaomi,489.07,520,a-1\n"
        "2019-11-01 00:00:02 UTC,remove_from_cart,1003461,205,,,489.07,520,a-1\n"
        "2019-11-01 00:00:03 UTC,purchase,1003461,205,,,489.07,520,a-1\n",
    )

    assert taken.format == "events of REES46"
    assert report.unknown_events == {"remove_from_cart": 1}
    assert list_events() == [
        ("520", "view", "1003461"),
        ("520", "cart", "1003461"),
        ("520", "purchase", "1003461"),
    ]
    phone = Product.objects.get()
    assert (phone.is_active, phone.category, phone.brand) == (
        False,
        "electronics > smartphone",
        "xiaomi",
    )


def test_a_catalogue_puts_on_sale_what_a_log_has_named(tmp_path: Path) -> None:
    take(tmp_path, "log.csv", "user_id,product_id,event,timestamp\nann,L1,view,1700000000\n")

    take_products(tmp_path, "p.csv", "id,name,price\nL1,Lamp,9\n")

    lamp = Product.objects.get()
    assert (lamp.name, lamp.is_active, lamp.interactions.count()) == ("Lamp", True, 1)


def test_events_of_retailrocket(tmp_path: Path) -> None:
    _, taken = take(
        tmp_path,
        "events.csv",
        "timestamp,visitorid,event,itemid,transactionid\n"
        "1433221332117,257597,view,355908,\n1433221332118,257597,addtocart,355908,\n"
        "1433221332119,257597,transaction,355908,4000\n",
    )

    assert taken.format == "events of Retailrocket"
    assert [event for _, event, _ in list_events()] == ["view", "cart", "purchase"]


def test_events_of_google_analytics(tmp_path: Path) -> None:
    item = {"item_id": "T1", "item_name": "Tee", "item_brand": "Fit", "item_category": "Tops"}
    event = {"event_date": "20240301", "user_pseudo_id": "12.34", "user_id": None}
    report, taken = take(
        tmp_path,
        "ga4.json",
        to_json_lines(
            event
            | {
                "event_timestamp": "1709290800000000",
                "event_name": "view_item",
                "event_params": [{"key": "ga_session_id", "value": {"int_value": 99}}],
                "items": [item],
            },
            event
            | {
                "event_timestamp": "1709290801000000",
                "event_name": "purchase",
                "user_id": "ann",
                "items": [item, item | {"item_id": "T2"}, {"item_id": "(not set)"}],
            },
            event | {"event_timestamp": "1709290802000000", "event_name": "page_view", "items": []},
        ),
    )

    assert taken.format == "events of Google Analytics 4"
    assert report.unknown_events == {"page_view": 1}
    assert report.reasons == {"product_id missing": 1}
    assert list_events() == [
        ("shop:12.34", "view", "T1"),
        ("ann", "purchase", "T1"),
        ("ann", "purchase", "T2"),
    ]
    assert Product.objects.get(external_id="T1").name == "Tee"


def test_events_of_segment(tmp_path: Path) -> None:
    report, taken = take(
        tmp_path,
        "segment.jsonl",
        to_json_lines(
            {
                "type": "track",
                "event": "Product Viewed",
                "anonymousId": "anon-1",
                "messageId": "m1",
                "properties": {"product_id": "P1", "name": "Pan", "brand": "Pot"},
                "timestamp": "2024-03-31T02:30:00.000+02:00",
            },
            {
                "type": "track",
                "event": "Product Added to Wishlist",
                "userId": "u1",
                "properties": {"productId": "P1"},
                "timestamp": "2024-03-31T02:31:00.000+02:00",
            },
            {
                "type": "track",
                "event": "Order Completed",
                "userId": "u1",
                "properties": {"order_id": "9", "products": [{"product_id": "P1"}, {"sku": "S2"}]},
                "timestamp": "2024-03-31T02:32:00.000+02:00",
            },
            {
                "type": "track",
                "event": "Products Searched",
                "userId": "u1",
                "properties": {"query": "pan"},
                "timestamp": "2024-03-31T02:33:00.000+02:00",
            },
        ),
    )

    assert taken.format == "events of Segment"
    assert report.unknown_events == {"Products Searched": 1}
    assert list_events() == [
        ("shop:anon-1", "view", "P1"),
        ("u1", "like", "P1"),
        ("u1", "purchase", "P1"),
        ("u1", "purchase", "S2"),
    ]


def test_items_and_feedback_of_gorse(tmp_path: Path) -> None:
    items = take_products(
        tmp_path,
        "items.json",
        '[{"ItemId": "a/b", "IsHidden": false, "Categories": ["tools", "web"],'
        ' "Timestamp": "2022-11-18T00:00:00Z", "Labels": {"topics": ["x"]}, "Comment": "A tool"},'
        ' {"ItemId": "c", "IsHidden": true, "Categories": [], "Labels": [], "Comment": "Gone"}]',
    )
    _, feedback = take(
        tmp_path,
        "feedback.jsonl",
        to_json_lines(
            {
                "FeedbackType": "read",
                "UserId": "bob",
                "ItemId": "a/b",
                "Timestamp": "2022-11-20T13:55:27Z",
                "Comment": "",
            },
            {
                "FeedbackType": "star",
                "UserId": "bob",
                "ItemId": "a/b",
                "Timestamp": "2022-11-21 13:55:27 +0000 UTC",
                "Comment": "",
            },
        ),
    )

    assert (items.format, feedback.format) == ("items of Gorse", "feedback of Gorse")
    tool = Product.objects.get(external_id="a/b")
    assert (tool.name, tool.category) == ("A tool", "tools")
    assert tool.category_rows.count() == 2
    assert list_events() == [("bob", "view", "a/b"), ("bob", "like", "a/b")]


def test_amazons_products_and_reviews_of_2014(tmp_path: Path) -> None:
    products = take_products(
        tmp_path,
        "meta_Beauty.json",
        "{'asin': 'B1', 'title': \"It's a brush\", 'price': 8.26, 'imUrl': 'http://x/a.jpg',"
        " 'brand': 'OPI', 'categories': [['Beauty', 'Tools'], ['Gifts']],"
        " 'salesRank': {'Beauty': 7}}\n{'asin': 'B2', 'categories': [['Beauty']]}\n",
    )
    _, reviews = take(
        tmp_path,
        "reviews_Beauty_5.json.gz",
        to_json_lines(
            {
                "reviewerID": "A1",
                "asin": "B1",
                "reviewerName": "Ann",
                "helpful": [0, 0],
                "reviewText": "Good.",
                "overall": 5.0,
                "summary": "Good",
                "unixReviewTime": 1252800000,
                "reviewTime": "09 13, 2009",
            }
        ),
    )

    assert products.format == "Amazon's products of 2014"
    assert reviews.format == "Amazon's reviews of 2014"
    brush = Product.objects.get(external_id="B1")
    assert (brush.name, brush.category, brush.is_active) == ("It's a brush", "Beauty > Tools", True)
    assert Product.objects.get(external_id="B2").name == "Product B2"
    event = UserBehavior.objects.get()
    assert (event.interaction_type, event.rating) == ("like", 5.0)
    assert event.timestamp == datetime(2009, 9, 13, tzinfo=UTC)


def test_ratings_of_amazon_have_no_header(tmp_path: Path) -> None:
    report, taken = take(
        tmp_path,
        "ratings_Beauty.csv",
        "A39HTATAQ9V7YF,0205616461,5.0,1369699200\nA3JM6GV9MNOF9X,0558925278,3.0,1355443200\n",
    )

    assert taken.format == "Amazon's reviews of 2014"
    assert report.skipped == 0
    assert [event[1:] for event in list_events()] == [
        ("view", "0558925278"),
        ("like", "0205616461"),
    ]


def test_amazons_products_and_reviews_of_2023(tmp_path: Path) -> None:
    products = take_products(
        tmp_path,
        "meta_All_Beauty.jsonl",
        to_json_lines(
            {
                "main_category": "All Beauty",
                "title": "Soap",
                "average_rating": 4.8,
                "features": ["Mild"],
                "description": ["Nice soap.", "Large."],
                "price": 12.5,
                "images": [{"thumb": "https://x/t.jpg", "large": "https://x/l.jpg"}],
                "store": "Clean",
                "categories": ["Beauty", "Bath"],
                "details": {"Brand": "Cleaner", "Color": "White"},
                "parent_asin": "B01",
            },
            {"main_category": "All Beauty", "title": "X", "price": None, "parent_asin": "B02"},
        ),
    )
    _, reviews = take(
        tmp_path,
        "All_Beauty.jsonl",
        to_json_lines(
            {
                "rating": 5.0,
                "title": "Such a good scent",
                "text": "Good.",
                "images": [],
                "asin": "B00",
                "parent_asin": "B01",
                "user_id": "AG1",
                "timestamp": 1588687728923,
                "verified_purchase": True,
            }
        ),
    )

    assert products.format == "Amazon's products of 2023"
    assert reviews.format == "Amazon's reviews of 2023"
    soap = Product.objects.get(external_id="B01")
    assert (soap.name, soap.brand, soap.category) == ("Soap", "Cleaner", "Beauty > Bath")
    assert soap.description == "Nice soap.\n\nLarge.\n\nMild"
    assert not Product.objects.get(external_id="B02").is_active
    assert list_events() == [("AG1", "like", "B01")]


def test_articles_and_purchases_of_hm(tmp_path: Path) -> None:
    articles = take_products(
        tmp_path,
        "articles.csv",
        "article_id,product_code,prod_name,product_type_name,product_group_name,"
        "colour_group_name,index_group_name,detail_desc\n"
        "0108775015,0108775,Strap top,Vest top,Garment Upper body,Black,Ladieswear,Jersey top\n"
        "0108775044,0108775,Strap top,Vest top,Garment Upper body,White,Ladieswear,Jersey top\n",
    )
    _, purchases = take(
        tmp_path,
        "transactions_train.csv",
        "t_dat,customer_id,article_id,price,sales_channel_id\n"
        "2018-09-20,000058a1,0108775044,0.0508,2\n",
    )

    assert (articles.format, purchases.format) == ("articles of H&M", "purchases of H&M")
    top = Product.objects.get()
    assert top.category == "Ladieswear > Garment Upper body > Vest top"
    assert [variant.title for variant in top.variants.all()] == ["Black", "White"]
    assert list_events() == [("000058a1", "purchase", "0108775")]


def test_products_and_orders_of_instacart(tmp_path: Path) -> None:
    write_file(tmp_path, "aisles.csv", "aisle_id,aisle\n61,cookies cakes\n")
    write_file(tmp_path, "departments.csv", "department_id,department\n19,snacks\n")
    write_file(
        tmp_path,
        "orders.csv",
        "order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,"
        "days_since_prior_order\n7,202,prior,2,3,8,5.0\n3,202,prior,1,2,7,\n",
    )
    products = take_products(
        tmp_path,
        "products.csv",
        "product_id,product_name,aisle_id,department_id\n1,Cookies,61,19\n2,Cake,61,19\n",
    )
    _, orders = take(
        tmp_path,
        "order_products__prior.csv",
        "order_id,product_id,add_to_cart_order,reordered\n7,1,1,0\n3,2,1,1\n3,1,2,0\n",
    )

    assert (products.format, orders.format) == ("products of Instacart", "orders of Instacart")
    assert Product.objects.get(external_id="1").category == "snacks > cookies cakes"
    assert list_events() == [
        ("202", "purchase", "2"),
        ("202", "purchase", "1"),
        ("202", "purchase", "1"),
    ]


@pytest.mark.parametrize(
    ("films", "ratings"),
    [
        (
            "movieId,title,genres\n1,Toy Story (1995),Adventure|Animation\n",
            "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n",
        ),
        ("1::Toy Story (1995)::Adventure|Animation\n", "1::1::4::964982703\n"),
    ],
)
def test_films_and_ratings_of_movielens(tmp_path: Path, films: str, ratings: str) -> None:
    products = take_products(tmp_path, "movies.dat", films)
    _, events = take(tmp_path, "ratings.dat", ratings)

    assert (products.format, events.format) == ("films of MovieLens", "ratings of MovieLens")
    film = Product.objects.get()
    assert (film.name, film.category) == ("Toy Story (1995)", "Adventure")
    assert film.category_rows.count() == 2
    assert list_events() == [("1", "like", "1")]


INVOICES = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,LANTERN,6,12/1/2010 8:26,2.55,17850.0,UK
536366,85123A,LANTERN,6,12/2/2010 8:26,2.55,17850,UK
536367,71053,JAR,2,12/2/2010 9:00,3.39,,UK
C536379,85123A,LANTERN,-6,12/13/2010 9:41,2.55,17850.0,UK
"""


def test_a_return_takes_one_purchase_back_once(tmp_path: Path) -> None:
    first, taken = take(tmp_path, "retail.csv", INVOICES)
    again, _ = take(tmp_path, "retail.csv", INVOICES)

    assert taken.format == "lines of orders or invoices"
    assert (first.taken_back, again.taken_back) == (1, 0)
    assert first.reasons == {"no user_id or session_id": 1}
    assert again.interactions is not None
    assert again.interactions.added == 0
    assert list_events() == [
        ("17850", "purchase", "85123A"),
        ("17850", "view", "85123A"),
        ("17850", "view", "85123A"),
    ]


@pytest.mark.parametrize("status", ["wc-cancelled", "wc-failed", "Refunded", "Storno"])
def test_an_order_that_did_not_last_is_no_purchase(tmp_path: Path, status: str) -> None:
    content = (
        "order_id,product_id,customer_id,quantity,date,status\n"
        f"1,L1,ann,1,1700000000,wc-completed\n2,L2,ann,1,1700000000,{status}\n"
    )

    take(tmp_path, "orders.csv", content)

    assert list_events() == [("ann", "purchase", "L1"), ("ann", "view", "L2")]


def test_events_of_other_names_are_counted_and_can_be_told(tmp_path: Path) -> None:
    content = (
        "user_id,product_id,event,timestamp\nann,L1,Quick view,1700000000\n"
        "ann,L1,ORDER COMPLETED,1700000001\nann,L1,refunded,1700000002\n"
    )

    first, _ = take(tmp_path, "log.csv", content)
    told, _ = take(tmp_path, "log.csv", content, events={"quick_view": "view"})

    assert first.unknown_events == {"Quick view": 1}
    assert told.unknown_events == {}
    assert [event for _, event, _ in list_events()] == ["view", "view", "view"]


def test_local_times_are_read_in_the_time_zone_of_the_shop(tmp_path: Path) -> None:
    take(
        tmp_path,
        "log.csv",
        "user_id,product_id,event,timestamp\nann,L1,view,2024-07-01 12:00:00\n"
        "ann,L1,view,2024-07-01T12:00:00Z\nann,L1,view,03/04/2024 12:00\n",
        time_zone=ZoneInfo("Europe/Berlin"),
        day_first=True,
    )

    times = UserBehavior.objects.order_by("timestamp").values_list("timestamp", flat=True)
    assert list(times) == [
        datetime(2024, 4, 3, 10, tzinfo=UTC),
        datetime(2024, 7, 1, 10, tzinfo=UTC),
        datetime(2024, 7, 1, 12, tzinfo=UTC),
    ]


def test_a_log_may_name_a_variant_or_an_sku(tmp_path: Path) -> None:
    take_products(
        tmp_path,
        "p.csv",
        "id,name,price,item_group_id,sku,size\nT-S,Tee,9,T,SK-S,S\nT-M,Tee,9,T,SK-M,M\n",
    )

    report, _ = take(
        tmp_path,
        "log.csv",
        "user_id,product_id,event,timestamp\nann,T-S,view,1700000000\n"
        "ann,SK-M,view,1700000001\nann,T,view,1700000002\n",
    )

    assert report.skipped == 0
    assert [product for _, _, product in list_events()] == ["T", "T", "T"]


def test_a_bad_rating_or_session_costs_the_value_not_the_event(tmp_path: Path) -> None:
    report, _ = take(
        tmp_path,
        "log.csv",
        "user_id,session_id,product_id,event,rating,timestamp\n"
        f"ann,{'x' * 200},L1,view,,1700000000\nann,,L1,view,99,1700000001\n",
    )

    assert report.skipped == 0
    assert report.warnings == {
        "session_id too long; the event counts without it": 1,
        "rating too high; the event counts without it": 1,
    }
