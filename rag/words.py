"""How days, numbers and addresses are said, wherever they are shown; plain text, not yet escaped."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from index.article import StatedTime

# Not strftime: its month names depend on the locale of the server.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day_words(when: StatedTime | None) -> str:
    """The day as people write it, in the zone that the article states.

    >>> from datetime import date
    >>> day_words(date(2023, 11, 5)), day_words(None)
    ('5 November 2023', 'date not stated')
    """
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}" if when else "date not stated"


def count_words(number: int, noun: str) -> str:
    """
    >>> count_words(1, "article"), count_words(1200, "article")
    ('1 article', '1,200 articles')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
