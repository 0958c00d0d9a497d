"""How the page says dates, numbers, outlets and verdicts; plain text, not yet HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from urllib.parse import urlsplit

from index.article import Article, StatedTime
from rag.answer import Verdict

# Not strftime: its month names depend on the locale of the server.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

VERDICT_WORDS = {Verdict.VERBATIM: "Word for word from the article"}


def day_words(when: StatedTime | None) -> str:
    """The day as people write it, in the zone that the article states.

    >>> day_words(date(2023, 11, 5)), day_words(None)
    ('5 November 2023', 'date not stated')
    """
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}" if when else "date not stated"


def same_day(one: StatedTime | None, other: StatedTime | None) -> bool:
    """Whether both name the same day; two times that are not stated do."""

    def day(when: StatedTime | None) -> date | None:
        return when.date() if isinstance(when, datetime) else when

    return day(one) == day(other)


def count_words(number: int, noun: str) -> str:
    """
    >>> count_words(1, "article"), count_words(1200, "article")
    ('1 article', '1,200 articles')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def outlet_words(article: Article) -> str:
    """Who published it; where that is not stated, the agency it came from, or that nothing is stated."""
    return article.outlet or article.credit or "outlet not stated"


def provenance_words(articles: Iterable[Article]) -> str:
    """How many articles and outlets stand behind an answer: `4 articles · 2 outlets, 1 not stated`."""
    by_id = {article.id: article for article in articles}
    outlets = {article.outlet for article in by_id.values() if article.outlet}
    unstated = sum(not article.outlet for article in by_id.values())
    named = count_words(len(outlets), "outlet") if outlets else "outlet not stated"
    others = f", {unstated} not stated" if outlets and unstated else ""
    return f"{count_words(len(by_id), 'article')} · {named}{others}"


def web_host(url: str | None) -> str | None:
    """The host of a link that may be followed; None for anything but http and https.

    >>> web_host("https://news.example/a?b"), web_host("javascript:alert(1)"), web_host(None)
    ('news.example', None, None)
    """
    if url is None or not re.fullmatch(r"https?://\S+", url, re.IGNORECASE):
        return None
    try:
        return urlsplit(url).hostname
    except ValueError:  # "https://[": no address
        return None
