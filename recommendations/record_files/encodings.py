"""Find out in which encoding a file is written."""

import codecs
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from zipfile import BadZipFile

from charset_normalizer import from_bytes

from recommendations.record_files.unpacking import PlainBytes

CHUNK = 2**20
HEAD = 2**18
"""How many bytes of a file are looked at to find out what it is."""
SAMPLE = 2**16
SAMPLED_LINES = 400
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LEGACY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]
"""What shops write that do not write Unicode."""

_SURROGATE = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_BACKSLASH_QUOTE = re.compile(rb'\\"[^",;|\t\r\n]')
_LONG_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_ODD_IN_WORD = re.compile("(?<=[A-Za-z])[¡¢£¤¥¦§¨ª«¬¯±³¶·¸¹»¼½¾¿]|[¡¢£¤¥¦§¨ª¬¯±³¶¸¹¼½¾¿](?=[a-z])")
"""What letters of cp1250 and others look like when they are read as cp1252."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look at all bytes of a file found."""

    encoding: str
    head: str
    has_backslash_quotes: bool


def scan(file: PlainBytes, encoding: str = "") -> Scan:
    """Return the encoding of the file and its first `HEAD` bytes as text.

    A file is UTF-8 if it decodes as UTF-8, or if more of its other characters do than do not: its
    bad bytes then cost their rows. What is none of the Unicode encodings is guessed from the lines
    that have other characters than ASCII's; a few accented letters among ASCII's are cp1252.
    `encoding` names the encoding instead.
    """
    head = b""
    good = bad = 0
    sample: list[bytes] = []
    sampled = 0
    has_backslash_quotes = False
    tail = b""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    for chunk in _read_chunks(file):
        if len(head) < HEAD:
            head += chunk[: HEAD - len(head)]
        has_backslash_quotes = has_backslash_quotes or bool(_BACKSLASH_QUOTE.search(tail + chunk))
        tail = chunk[-2:]
        text = decoder.decode(chunk)
        if text.isascii():
            continue
        wrong = len(_SURROGATE.findall(text))
        bad += wrong
        good += len(_NOT_ASCII.findall(text)) - wrong
        if wrong and sampled < SAMPLE:
            lines = [line for line in chunk.split(b"\n") if _HIGH.search(line)][:SAMPLED_LINES]
            sample += lines
            sampled += sum(map(len, lines))
    file.rewind()
    found = encoding or _name_encoding(head, good, bad, b"\n".join(sample)[: 2 * SAMPLE])
    return Scan(found, head.decode(found, errors="replace"), has_backslash_quotes)


def _read_chunks(file: PlainBytes) -> Iterator[bytes]:
    # A damaged file ends the scan only: reading it says how far it was good.
    try:
        while (chunk := file.stream.read1(CHUNK)) and not file.is_over_limit:
            yield chunk
    except (EOFError, OSError, zlib.error, BadZipFile):
        return


def _name_encoding(head: bytes, good: int, bad: int, sample: bytes) -> str:
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    unmarked = _find_unmarked_utf16(head)
    if unmarked:
        return unmarked
    if bad == 0 or good > bad:
        return "utf-8"
    return _guess_legacy(sample)


def _find_unmarked_utf16(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half >= 4 and max(even, odd) > 0.4 * half and min(even, odd) < 0.05 * half:
        return "utf-16-le" if odd > even else "utf-16-be"
    return ""


def _guess_legacy(sample: bytes) -> str:
    # In Western languages, letters beyond ASCII stand alone; in others, whole words of them.
    high = len(_HIGH.findall(sample))
    in_runs = sum(len(run) for run in _LONG_RUN.findall(sample))
    odd = len(_ODD_IN_WORD.findall(sample.decode("cp1252", errors="replace")))
    if in_runs < high / 3 and odd < high / 6:
        return "cp1252"
    best = from_bytes(sample, cp_isolation=LEGACY).best()
    return best.encoding if best else "cp1252"
