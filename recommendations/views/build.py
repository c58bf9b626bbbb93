"""What the build made of a page: files to fetch before its scripts ask for them."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

ENTRY = "index.html"


def preloads(module: str) -> SafeString:
    """Return links to the scripts of a page that the storefront's own page does not name.

    Without a manifest of the build there are none: the scripts find their parts by themselves.
    """
    manifest = Path(settings.FRONTEND_DIST) / ".vite" / "manifest.json"
    try:
        files = _files(manifest, manifest.stat().st_mtime_ns, f"src/pages/{module}.tsx")
    except FileNotFoundError:
        files = ()
    return format_html_join(
        "",
        '\n    <link rel="modulepreload" fetchpriority="low" crossorigin href="{}storefront/{}" />',
        ((settings.STATIC_URL, file) for file in files),
    )


@lru_cache(maxsize=64)
def _files(manifest: Path, _written_at: int, name: str) -> tuple[str, ...]:
    chunks = json.loads(manifest.read_text(encoding="utf-8"))
    named = set(_with_imports(chunks, ENTRY))
    return tuple(file for file in _with_imports(chunks, name) if file not in named)


def _with_imports(chunks: dict[str, Any], name: str) -> list[str]:
    """Return the file of a chunk and, each once, those that it imports."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        chunk = chunks.get(waiting.pop(0), {})
        if "file" in chunk and chunk["file"] not in found:
            found[chunk["file"]] = None
            waiting += chunk.get("imports", [])
    return list(found)
