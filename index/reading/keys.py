"""Metadata written as keys with values, under the names that people give them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from index.article import StatedTime
from index.reading.agencies import is_agency
from index.reading.bylines import author
from index.reading.dates import stated_time
from index.reading.fact_lines import URL
from index.reading.facts import Facts
from index.reading.shapes import LONGEST_LINE

# In the order in which they are believed; lower case, without spaces, hyphens and underscores.
_HEADLINE = ("headline", "title")
_OUTLET = ("outlet", "publication", "publisher", "sitename", "site", "source")
_BYLINE = ("byline", "author", "authors")
_SECTION = ("section", "category")
_PUBLISHED = (
    "published", "datepublished", "publishdate", "publisheddate", "publicationdate", "pubdate", "date",
)  # fmt: skip
_MODIFIED = ("modified", "datemodified", "updated", "lastupdated", "lastmodified", "lastmod")
_URL = ("url", "link", "canonical")
_CREDIT = ("credit", "agency", "wire")
_KNOWN = frozenset(_HEADLINE + _OUTLET + _BYLINE + _SECTION + _PUBLISHED + _MODIFIED + _URL + _CREDIT)
# Nothing that an Article has a place for, but part of a head like the others.
_PASSED_OVER = frozenset({
    "tags", "keywords", "topics", "language", "lang", "id", "slug", "location", "country", "type",
})  # fmt: skip
_UNSTATED = frozenset({"", "~", "null", "none", "unknown", "n/a", "-"})

_KEY_LINE = re.compile(r"([A-Za-z][A-Za-z _-]{0,24}):(?:\s(.*))?")
_BY = re.compile(r"by:?\s", re.IGNORECASE)


def key_line(line: str) -> tuple[str, str] | None:
    """Key (as in this file) and value of a line such as "Published on: 2023-11-15", if the key is known."""
    match = _KEY_LINE.fullmatch(line) if len(line) <= 2 * LONGEST_LINE else None
    if match is None:
        return None
    key = plain_key(match[1])
    return (key, (match[2] or "").strip()) if is_known(key) else None


def take_keys(paragraphs: list[str]) -> tuple[Facts, list[str]]:
    """The facts of the "Key: value" lines at the head, and the paragraphs behind them.

    One such line alone may be a headline with a colon; two in a row, or a line "Headline:" or
    "Title:", are metadata.
    """
    pairs: dict[str, str] = {}
    count = 0
    for paragraph in paragraphs:
        pair = key_line(paragraph)
        if pair is None:
            break
        pairs.setdefault(*pair)
        count += 1
    if len(pairs.keys() & _KNOWN) < 2 and not pairs.keys() & set(_HEADLINE):
        return Facts(), paragraphs
    return facts_of(pairs), paragraphs[count:]


def is_known(key: str) -> bool:
    """Whether a key in the spelling of this file is one that articles are given."""
    return key in _KNOWN or key in _PASSED_OVER


def plain_key(key: str) -> str:
    """The key in the spelling of this file.

    >>> plain_key("datePublished"), plain_key("Published on"), plain_key("site_name")
    ('datepublished', 'published', 'sitename')
    """
    plain = re.sub(r"[\s_-]", "", key.casefold())
    return plain.removesuffix("on") if plain in ("publishedon", "updatedon", "modifiedon") else plain


def facts_of(pairs: Mapping[str, str]) -> Facts:
    """The facts that these pairs state; keys as by `plain_key`. What cannot be understood is left out."""
    stated = {key: value for key, value in pairs.items() if value.casefold() not in _UNSTATED}
    source = stated.get("source", "")
    agency = source if is_agency(source) else None
    by = _first(stated, _BYLINE)
    facts = Facts(
        headline=_first(stated, _HEADLINE),
        outlet=_first_outlet(stated),
        section=_first(stated, _SECTION),
        published=_first_time(stated, _PUBLISHED),
        modified=_first_time(stated, _MODIFIED),
        url=_first_url(stated),
        credit=_first(stated, _CREDIT) or agency,
    )
    return facts.filled_from(author(_BY.sub("", by, count=1))) if by else facts


def _first(stated: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    return next((stated[key] for key in keys if key in stated), None)


def _first_time(stated: Mapping[str, str], keys: tuple[str, ...]) -> StatedTime | None:
    times = (stated_time(stated[key]) for key in keys if key in stated)
    return next((time for time in times if time), None)


def _first_url(stated: Mapping[str, str]) -> str | None:
    # People put the address of the page under "source" as often as the name of the paper.
    values = (stated[key] for key in (*_URL, "source") if key in stated)
    return next((value for value in values if URL.fullmatch(value)), None)


def _first_outlet(stated: Mapping[str, str]) -> str | None:
    for key in _OUTLET:
        value = stated.get(key)
        if value and not URL.fullmatch(value) and not (key == "source" and is_agency(value)):
            return value
    return None
