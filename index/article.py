"""Article and Chunk: what the library holds, as plain values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime

Span = tuple[int, int]
"""Start and end of a piece of `article.text`, in characters; the end is exclusive."""

StatedTime = date | datetime
"""A day, or a moment. A moment without a zone means that the article names none."""

_ID_HEX_DIGITS = 12  # 48 bits: a million articles collide with a chance of 0.2 %, and the library looks


@dataclass(frozen=True, slots=True)
class Article:
    """One published story, as it was read; a fact that the source does not state is None.

    `text` is the story without headline, metadata and clutter: paragraphs separated by one blank
    line. Every offset in Dateline counts characters of this text. `credit` is the agency the copy
    came from ("Reuters"), `outlet` who published it. `path` is where it was read from.

    `id` is given by the library; until then it is the beginning of `content_hash`.

    >>> Article(text="It rained.", headline="Rain").id
    '210bd7a99fc2'
    """

    text: str
    headline: str | None = None
    outlet: str | None = None
    byline: str | None = None
    section: str | None = None
    published: StatedTime | None = None
    modified: StatedTime | None = None
    url: str | None = None
    credit: str | None = None
    path: str | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.content_hash[:_ID_HEX_DIGITS])

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of all that was read, but not of where it was read: copies of a file agree."""
        content = [
            self.text,
            self.headline,
            self.outlet,
            self.byline,
            self.section,
            stated(self.published),
            stated(self.modified),
            self.url,
            self.credit,
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()

    @property
    def title(self) -> str:
        """What to call the article on a page: its headline, or a plain word that it has none."""
        return self.headline or "Untitled article"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences of one article: `article.text[start:end] == text`, always.

    `number` counts from 0 within the article. `sentences` are the spans of its sentences, in
    characters of the article's text. `id` is given by the library and never used twice.
    """

    article_id: str
    number: int
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    id: int | None = None


def stated(when: StatedTime | None) -> str | None:
    """ISO 8601 with exactly what was stated: `2023-11-15` or `2023-11-15T13:10:00+00:00`."""
    return when.isoformat() if when else None


def from_stated(text: str | None) -> StatedTime | None:
    """The inverse of `stated`.

    >>> from_stated("2023-11-15")
    datetime.date(2023, 11, 15)
    """
    if not text:
        return None
    return date.fromisoformat(text) if len(text) == len("2023-11-15") else datetime.fromisoformat(text)
