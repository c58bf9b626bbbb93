"""Every address of the project, and requests of odd bytes for each of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from django.test import Client
from django.test.client import FakePayload
from django.urls import URLResolver, get_resolver

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
JSON = "application/json"
SCRIPT = "<script>odd</script>"
COOKIES = ("sessionid", "csrftoken", "visitor", "django_language", "hidden", "messages")
ADMIN_SHARE = 8
ANY_BAD_PATH = frozenset({400, 404, 405})


@dataclass(frozen=True, slots=True)
class OddRequest:
    """A request for any address: what follows the path, the WSGI variables and the body.

    `page_status` and `api_status` are the allowed statuses; without them, any below 500.
    """

    after_path: str = ""
    method: str = "GET"
    variables: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    page_status: frozenset[int] | None = None
    api_status: frozenset[int] | None = None

    def send(self, client: Client, path: str) -> Any:
        """Return the response of an address to this request."""
        whole, _, query = f"{path}{self.after_path}".partition("?")
        return client.request(
            **{
                "PATH_INFO": unquote_to_bytes(whole).decode("latin-1"),
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.method,
                "CONTENT_LENGTH": str(len(self.body)),
                "wsgi.input": FakePayload(self.body),
                **self.variables,
            }
        )


def list_paths() -> list[str]:
    """Return an example of every address in the URL configuration, without doubles."""
    found = {"".join(_exemplify(part) for part in parts) for parts in _walk(get_resolver(), ())}
    return sorted(f"/{path}" for path in found)


def choose_requests(path: str) -> dict[str, OddRequest]:
    """Return all odd requests; for a page of the admin, an eighth of them.

    The admin has many pages of a few kinds, which are slow: neighbours get different eighths.
    """
    if not path.startswith("/admin/"):
        return ODD_REQUESTS
    start = list_paths().index(path) % ADMIN_SHARE
    return dict(list(ODD_REQUESTS.items())[start::ADMIN_SHARE])


def _walk(resolver: URLResolver, parents: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for pattern in resolver.url_patterns:
        parts = (*parents, str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, parts)
        else:
            yield parts


def _exemplify(pattern: str) -> str:
    """Return a part of a path that matches a pattern."""
    text = re.sub(r"\(\?!.*?\(\?:/\|\$\)\)", "", pattern)
    text = re.sub(r"\(\?P<\w+>([\w.]+)[^)]*\)", r"\1", text)
    text = re.sub(r"<(?:\w+:)?\w+>", "1", text)
    text = re.sub(r"\.\*|\(\?P<\w+>\.\*\)", "nothing", text)
    return re.sub(r"[\^$\\]|\\Z", "", text)


def _expect_refusal(**request: Any) -> OddRequest:
    """Return a request that every address answers with 400."""
    bad = frozenset({400})
    return OddRequest(**request, page_status=bad, api_status=bad)


def _part(header: str) -> bytes:
    return f"--x\r\nContent-Disposition: {header}\r\n\r\nv\r\n--x--\r\n".encode()


ODD_REQUESTS: dict[str, OddRequest] = {
    "NUL in a value": _expect_refusal(after_path="?q=a%00b"),
    "NUL in a name": _expect_refusal(after_path="?a%00b=1"),
    "raw NUL in a value": _expect_refusal(after_path="?q=a\0b"),
    "thousands of parameters": _expect_refusal(
        after_path="?" + "&".join(f"a{number}=1" for number in range(5000))
    ),
    **{
        f"{what} in the cookie {name}": _expect_refusal(
            variables={"HTTP_COOKIE": f"{name}={value}"}
        )
        for name in COOKIES
        for what, value in {"raw NUL": "a\0b", "escaped NUL": '"a\\000b"'}.items()
    },
    "NUL in the name of a cookie": _expect_refusal(variables={"HTTP_COOKIE": "a\0b=1"}),
    **{
        f"NUL in {name}": _expect_refusal(variables={f"HTTP_{name}": "a\0b"})
        for name in ("ACCEPT", "ACCEPT_LANGUAGE", "AUTHORIZATION", "USER_AGENT", "X_FORWARDED_FOR")
    },
    **{
        f"{what} in the path": OddRequest(
            after_path=text, page_status=frozenset({404}), api_status=ANY_BAD_PATH
        )
        for what, text in {
            "NUL": "%00",
            "line feed": "%0Aa",
            "bell": "%07",
            "next line": "%C2%85",
        }.items()
    },
    **{
        f"{what} in the path": OddRequest(after_path=text)
        for what, text in {"invalid UTF-8": "%FF%FE", "surrogate": "%ED%A0%80"}.items()
    },
    "a path of 70 KB": OddRequest(after_path="a" * 70_000),
    **{
        f"{what} in a value": OddRequest(after_path=f"?q={text}&{text}=1&page={text}&p={text}")
        for what, text in {
            "invalid UTF-8": "%FF%FE",
            "surrogate": "%ED%A0%80",
            "control": "%01%7F%C2%85",
            "markup": "%3Cscript%3Eodd%3C/script%3E",
            "a huge number": "9" * 5000,
            "no number": "NaN",
        }.items()
    },
    "markup in the path": OddRequest(after_path="%3Cscript%3Eodd%3C/script%3E"),
    **{
        f"{what} in the cookie {name}": OddRequest(variables={"HTTP_COOKIE": f"{name}={value}"})
        for name in COOKIES
        for what, value in {
            "invalid UTF-8": "\xff\xfe",
            "control": "\x01",
            "colons": "a:b:c",
            "9 KB": "a" * 9000,
        }.items()
    },
    **{
        f"Accept {accept[:30]}": OddRequest(variables={"HTTP_ACCEPT": accept})
        for accept in (
            "text/plain",
            "image/png",
            "*",
            "/",
            ",,,",
            "application/json; a*=nonsense''x",
            "application/json; charset=rot13",
            "application/json; indent=-1",
            "text/html; q=abc",
            "a" * 20_000,
        )
    },
    **{
        f"{name} {value[:20]}": OddRequest(variables={f"HTTP_{name}": value})
        for name, values in {
            "ACCEPT_LANGUAGE": ("a" * 9000, "de;q=abc", "*", "\xff", "de-" + "a" * 600),
            "RANGE": ("bytes=abc", "bytes=0-" + "9" * 5000, "x"),
            "IF_NONE_MATCH": ("*", '"a'),
            "IF_MODIFIED_SINCE": ("x", "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"),
            "X_FORWARDED_FOR": ("abc", "'"),
            "X_FORWARDED_HOST": ("evil.example",),
            "X_FORWARDED_PROTO": ("x",),
            "HOST": ("a b", "[::1", "a:99999999999", "\xff"),
            "AUTHORIZATION": ("Bearer", "Bearer \xff", "Basic x", "Bearer " + "a" * 9000),
            "REFERER": ("http://[", "\xff"),
            "ORIGIN": ("http://[", "null"),
            "ACCEPT_ENCODING": ("gzip;q=x",),
            "X_REQUEST_ID": (SCRIPT,),
        }.items()
        for value in values
    },
    **{
        f"method {method}": OddRequest(
            method=method, page_status=frozenset({405}), api_status=frozenset({404, 405, 401, 403})
        )
        for method in ("TRACE", "PROPFIND", "CONNECT", "ODD")
    },
    "a method of lower case": OddRequest(method="get"),
    "an overriding method": OddRequest(variables={"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"}),
    **{
        f"a form with {what}": OddRequest(
            method="POST", variables={"CONTENT_TYPE": content_type}, body=body
        )
        for what, (content_type, body) in {
            "NUL": (FORM, b"username=%00&password=%00&csrfmiddlewaretoken=%00&name=%00&action=%00"),
            "invalid UTF-8": (FORM, b"username=%FF&password=%ED%A0%80&\xff=\xff"),
            "thousands of fields": (FORM, b"&".join(b"a%d=1" % one for one in range(5000))),
            "an unknown charset of a file name": (
                MULTIPART,
                _part("form-data; name=a; filename*=nonsense''x"),
            ),
            "NUL in the name of a part": (MULTIPART, _part('form-data; name="a\0b"')),
            "a file name that leads out": (
                MULTIPART,
                _part('form-data; name="a"; filename="../../\0"'),
            ),
            "no boundary": ("multipart/form-data", b"x"),
            "no end": (MULTIPART, b"--x\r\nContent-Disp"),
        }.items()
    },
    **{
        f"JSON with {what}": OddRequest(
            method=method, variables={"CONTENT_TYPE": JSON, **headers}, body=body
        )
        for method in ("POST", "PATCH", "DELETE")
        for what, body, headers in (
            ("NUL", b'{"a\\u0000b": "\\u0000"}', {}),
            ("half a surrogate pair", b'{"\\ud800": "\\udfff"}', {}),
            ("depth", b"[" * 9000, {}),
            ("huge numbers", b'{"product_id": 1e400, "quantity": ' + b"9" * 5000 + b"}", {}),
            ("NaN", b'{"product_id": NaN}', {}),
            ("a name twice", b'{"product_id": 1, "product_id": 1}', {}),
            ("a coding", b"\x1f\x8b", {"HTTP_CONTENT_ENCODING": "gzip"}),
            ("markup", f'{{"{SCRIPT}": "{SCRIPT}"}}'.encode(), {}),
        )
    },
}
