"""Files as shops have them become records."""

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from recommendations.errors import DataImportError
from recommendations.record_files import RecordFile, RowError

TWO = [{"id": "1", "name": "Pan"}, {"id": "2", "name": "Töpfe"}]


def read(path: Path, content: str | bytes, **options: Any) -> list[Any]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with RecordFile(path, **options) as file:
        return [record for _, record in file]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encoding_separator_and_line_ends_are_found(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    rows = [["id", "name"], ["1", "Pan"], ["2", "Töpfe"]]
    content = "".join(separator.join(row) + end for row in rows)

    assert read(tmp_path / "a.txt", content.encode(encoding)) == TWO


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1250", ["Łyżka do butów", "Młynek do kawy żeliwny", "Źródło światła", "Nóż kuchenny"]),
        ("cp1251", ["Чайник стальной", "Сковорода чугунная", "Нож кухонный", "Кружка большая"]),
        ("shift_jis", ["日本の包丁と砥石", "やかんとフライパン", "台所用の湯のみ", "まな板です"]),
    ],
)
def test_other_old_encodings_are_found_in_longer_texts(
    tmp_path: Path, encoding: str, words: list[str]
) -> None:
    content = "id,name\n" + "".join(f"{n},{word}\n" for n, word in enumerate(words * 5))

    records = read(tmp_path / "a.csv", content.encode(encoding))

    assert [record["name"] for record in records] == words * 5


def test_a_letter_far_down_decides_the_encoding(tmp_path: Path) -> None:
    rows = "".join(f"{n},Pan\n" for n in range(120_000))

    records = read(tmp_path / "a.csv", f"id,name\n{rows}x,Töpfe\n".encode("latin-1"))

    assert records[-1] == {"id": "x", "name": "Töpfe"}


def test_a_named_encoding_counts(tmp_path: Path) -> None:
    records = read(tmp_path / "a.csv", "id,name\n1,Łyżka\n".encode("cp1250"), encoding="cp1250")

    assert records == [{"id": "1", "name": "Łyżka"}]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('id,name\n1,"12\\" high"\n', '12" high'),
        ('id,name\n1,"12"" high"\n', '12" high'),
        ('id,name\n1,"a\\", \\"b"\n', 'a", "b'),
        ('id,name\n1,"C:\\pans\\"\n', "C:\\pans\\"),
        ('id,name\n1,"two\nlines, one value"\n', "two\nlines, one value"),
        ('id,name\n1,\\N\n2,"a \\"b"\n', ""),
        ("sep=;\nid;name\n1;a,b\n", "a,b"),
        ("\n\nid,name\n1,Pan\n", "Pan"),
        ("id,name,,\n1,Pan,,\n", "Pan"),
        ("id,name,,\n1,Pan\n", "Pan"),
        ("id,name\n1,Pan,,,\n", "Pan"),
        ("id,name,name\n1,Pan,Pot\n", "Pan"),
        ("id::name::x\n1::Pan::y\n", "Pan"),
        ('id;name\n1;"one, two, three"\n', "one, two, three"),
    ],
)
def test_quotes_and_columns_of_many_programs_are_understood(
    tmp_path: Path, content: str, expected: str
) -> None:
    assert read(tmp_path / "a.csv", content)[0]["name"] == expected


def test_a_row_that_lacks_a_named_value_is_an_error(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.csv", "id,name\n1\n")

    assert isinstance(row, RowError)
    assert str(row) == "has another number of values (1) than columns (2)"


def test_repeated_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,image,image,image\n1,a,b,c\n")

    with RecordFile(tmp_path / "a.csv") as file:
        assert file.repeated == ("image",)
        assert [record for _, record in file] == [
            {"id": "1", "image": "a", "image (2)": "b", "image (3)": "c"}
        ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '[{"id": 1}, {"id": 2}]'),
        ("a.json", '\ufeff[\n {"id": 1},\n {"id": 2}\n]\n'),
        ("a.json", '{"count": 2, "tags": ["x"], "products": [{"id": 1}, {"id": 2}], "next": null}'),
        ("a.json", '{\n"data": {"products": {"edges": [{"id": 1}, {"id": 2}]}}}'),
        ("a.json", '{"shops": [{"no": 7}],\n"products": [{"id": 1}, {"id": 2}]}'),
        ("a.json", '{"id": 1}\n{"id": 2}\n'),
        ("a.jsonl", '{"id": 1}\n\n{"id": 2}'),
        ("a.json", "{'id': 1}\n{'id': 2}\n"),
        ("a.txt", '{"id": 1}\n{"id": 2}\n'),
    ],
)
def test_json_is_read_wherever_its_list_stands(tmp_path: Path, name: str, content: str) -> None:
    assert read(tmp_path / name, content) == [{"id": 1}, {"id": 2}]


def test_one_object_is_a_list_of_one_unless_it_holds_a_list(tmp_path: Path) -> None:
    assert read(tmp_path / "a.jsonl", '{"id": 1, "items": [{"no": 2}]}') == [
        {"id": 1, "items": [{"no": 2}]}
    ]
    assert read(tmp_path / "a.json", '{"id": 1}') == [{"id": 1}]
    assert read(tmp_path / "b.json", '{"items": [{"no": 2}]}') == [{"no": 2}]


def test_nan_in_json_is_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "a.json", '[{"id": NaN}]') == [{"id": None}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"id": 1}, {"id"', "a.json is not JSON"),
        ('{"a": 1}', ""),
        ('["a", 1]', "a.json holds no list of objects."),
        ("\x89PNG\r\n\x00\x00\x00\x00\x00\x00\x00\x00", "a.json is not a text file."),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "a.json is a web page, not a file"),
        ("<a><b>1</b>", "a.json has no element with children that could be a product."),
        ("", "a.json is empty; its first line names the columns."),
    ],
)
def test_what_is_no_file_of_records_is_refused(tmp_path: Path, content: str, message: str) -> None:
    if not message:
        assert read(tmp_path / "a.json", content) == [{"a": 1}]
        return

    with pytest.raises(DataImportError) as refusal:
        read(tmp_path / "a.json", content)

    assert str(refusal.value).startswith(message)


RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>
<item><title>Old</title><g:id>1</g:id><g:title>Töpfe</g:title><g:price>5 EUR</g:price>
<g:additional_image_link>a</g:additional_image_link>
<g:additional_image_link>b</g:additional_image_link>
<g:shipping><g:country>DE</g:country><g:price>0 EUR</g:price></g:shipping></item>
<item><g:id>2</g:id><title>Pan &amp; lid</title></item></channel></rss>"""


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_a_feed_in_xml_becomes_records(tmp_path: Path, encoding: str) -> None:
    first, second = read(tmp_path / "a.xml", RSS.format(encoding=encoding).encode(encoding))

    assert first == {
        "id": "1",
        "title": "Töpfe",
        "price": "5 EUR",
        "additional_image_link": ["a", "b"],
        "shipping": {"country": "DE", "price": "0 EUR"},
    }
    assert second == {"id": "2", "title": "Pan & lid"}


def test_elements_of_any_name_are_records_where_they_repeat(tmp_path: Path) -> None:
    content = "<shop><name>x</name><goods>" + "<good no='7'><n>Pan</n></good>" * 3

    records = read(tmp_path / "a.xml", content + "</goods></shop>")

    assert records == [{"no": "7", "n": "Pan"}] * 3


def test_xml_with_entities_of_its_own_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><a><item><id>&b;</id></item></a>'

    with pytest.raises(DataImportError, match="declares entities of its own"):
        read(tmp_path / "a.xml", bomb)


def write_zip(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def read_zip(path: Path, role: str = "") -> list[Any]:
    with RecordFile(path, role=role) as file:
        return [record for _, record in file]


def test_the_file_in_an_archive_is_found(tmp_path: Path) -> None:
    data = "id,name\n1,Pan\n2,Töpfe\n"
    one = write_zip(
        tmp_path / "one.zip",
        {"shop/": "", "shop/deep/x.csv": data, "__MACOSX/shop/._x.csv": "x", "README.txt": "hi"},
    )
    two = write_zip(tmp_path / "two.zip", {"a/products.csv": data, "a/orders.csv": "id\n9\n"})

    assert read_zip(one) == TWO
    assert read_zip(two, "products") == TWO
    assert read_zip(two, "interactions") == [{"id": "9"}]
    assert read_zip(two / "a/products.csv") == TWO
    with pytest.raises(DataImportError) as refusal:
        read_zip(two)
    assert str(refusal.value) == (
        "two.zip holds several files: it holds a/products.csv, a/orders.csv. "
        "Name the one that is meant as two.zip/a/products.csv."
    )


def test_a_packed_bomb_stops_at_its_limit(tmp_path: Path) -> None:
    bomb = write_zip(tmp_path / "a.zip", {"a.csv": "id,name\n" + ("1,x\n" * 1000) * 18_000})

    with pytest.raises(DataImportError, match="unpacks to more than 200 times its size"):
        read_zip(bomb)


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    assert read(tmp_path / "feed", gzip.compress("id\tname\n1\tPan\n2\tTöpfe\n".encode())) == TWO


def test_peeking_loses_no_record(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,Pan\n2,Töpfe\n")

    with RecordFile(tmp_path / "a.csv") as file:
        assert file.peek(1) == TWO[:1]
        assert file.peek() == TWO
        assert [line for line, _ in file] == [2, 3]
