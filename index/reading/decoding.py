"""Bytes to characters, and characters to tidy text."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16: the little-endian mark of UTF-32 begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Soft hyphen, zero width space, word joiner, byte order mark, and the bidirectional embeddings,
# overrides and isolates, which can make a line read differently from what it says. The joiners
# U+200C and U+200D stay: they are spelling in Persian and many Indian scripts.
_INVISIBLE = "\u00ad\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


# What `str.translate` does: None removes. Later entries win.
_TABLE: dict[int, str | None] = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]),  # control characters
    **dict.fromkeys(range(0xD800, 0xE000)),  # half characters, which cannot be written as UTF-8
    **dict.fromkeys(map(ord, _INVISIBLE)),
    **dict.fromkeys(map(ord, "\t\u00a0\u1680\u202f\u205f\u3000"), " "),
    **dict.fromkeys(range(0x2000, 0x200B), " "),
    # A form feed ends a page, and what stands on two pages is not one line.
    **dict.fromkeys(map(ord, "\n\v\f\x85\u2028\u2029"), "\n"),
}
# French has about 4 accented letters in 100, German 2, Spanish 2; Polish has 7, Czech 13, Russian all.
_WESTERN_SHARE = 0.06
_SPACES = re.compile(r" {2,}")


def decode(raw: bytes) -> str | None:
    """The characters of a file, or None where no encoding makes sense of it.

    A byte order mark decides; else it is UTF-8 where that is possible, else Windows-1252 where few
    bytes are not ASCII, else the most plausible encoding. Zero bytes without a byte order mark of UTF-16 or UTF-32 are no text.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _strictly(raw[len(bom) :], encoding)
    if b"\0" in raw:
        return None
    if (text := _strictly(raw, "utf-8")) is not None:
        return text
    # Few accents are too little to guess by: "Lefèvre" became "Lefčvre". Windows-1252 is what they come in.
    if sum(byte > 0x7F for byte in raw) <= len(raw) * _WESTERN_SHARE and (text := _strictly(raw, "cp1252")):
        return text
    best = from_bytes(raw).best()
    return None if best is None else str(best)


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def plain_lines(text: str) -> str:
    """The text with `\\n` at the end of every line, and otherwise as it is."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def tidy(text: str) -> str:
    r"""The text with plain line ends and plain, single spaces, and without what cannot be seen.

    Tidying twice is tidying once.

    >>> tidy("It\u00a0 rained.\r\nTwi\u200bce. ")
    'It rained.\nTwice.'
    """
    spaced = _SPACES.sub(" ", plain_lines(text).translate(_TABLE))
    return "\n".join(line.strip(" ") for line in spaced.split("\n")).strip("\n")
