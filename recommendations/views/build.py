"""Files of the storefront's build that a page needs."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

ENTRY = "index.html"


def render_preloads(module: str) -> SafeString:
    """Return preload links for the scripts that a page needs beyond those of `index.html`.

    `module` is a file name in `src/pages/`. Without the build's manifest there are no links, and
    the browser finds these scripts later.
    """
    manifest = Path(settings.FRONTEND_DIST) / ".vite" / "manifest.json"
    try:
        files = _find_files(manifest, manifest.stat().st_mtime_ns, f"src/pages/{module}.tsx")
    except FileNotFoundError:
        files = ()
    return format_html_join(
        "",
        '\n    <link rel="modulepreload" fetchpriority="low" crossorigin href="{}storefront/{}" />',
        ((settings.STATIC_URL, file) for file in files),
    )


@lru_cache(maxsize=64)
def _find_files(manifest: Path, _written_at: int, name: str) -> tuple[str, ...]:
    chunks = json.loads(manifest.read_text(encoding="utf-8"))
    in_index = set(_list_imports(chunks, ENTRY))
    return tuple(file for file in _list_imports(chunks, name) if file not in in_index)


def _list_imports(chunks: dict[str, Any], name: str) -> list[str]:
    """Return the file of a chunk and of all chunks that it imports, each once."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        chunk = chunks.get(waiting.pop(0), {})
        if "file" in chunk and chunk["file"] not in found:
            found[chunk["file"]] = None
            waiting += chunk.get("imports", [])
    return list(found)
