"""Lines around a story that state a fact about it and nothing else."""

from __future__ import annotations

import re

from index.reading.agencies import credit
from index.reading.bylines import author, byline, production_note
from index.reading.clutter import is_clutter
from index.reading.dates import date_line
from index.reading.facts import Facts
from index.reading.shapes import LONGEST_LINE

URL = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
_LABELLED = re.compile(r"(?:source|sources|agency|credit|url|link|original|via):\s(.+)", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:©|\(c\))?\s*(?:\d{4}(?:[-–]\d{2,4})?)?,?\s*(?P<owner>(?:The )?[A-Z][^.,|©]{1,60}?)"
    r"(?:[.,|]?\s*all rights reserved)?\.?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*[|•·]\s*|\s[-–—]\s|\s(?=(?:last |first )?(?:published|updated|posted)\b)", re.IGNORECASE
)
_AROUND = " |-–—•·()[]"


def fact_line(line: str) -> Facts | None:
    """What the line states; None where it is not such a line, empty facts where it only names editors.

    >>> fact_line("By Jane Doe | November 15, 2023").published
    datetime.date(2023, 11, 15)
    """
    if len(line) > LONGEST_LINE:
        return None
    if (whole := _one_fact(line)) is not None:
        return whole
    pieces = [piece for piece in _BETWEEN.split(line) if piece.strip(_AROUND)]
    if len(pieces) < 2:
        return None
    facts = Facts()
    for piece in pieces:
        found = Facts() if is_clutter(piece) else _one_fact(piece)
        if found is None:
            # "The Harbour Post | 17 March 2025 | By Jane Doe": a paper stands beside facts, once.
            name = piece.strip(_AROUND)
            if facts.outlet or author(name).outlet is None:
                return None
            found = Facts(outlet=name)
        facts = facts.filled_from(found)
    return facts if facts not in (Facts(), Facts(outlet=facts.outlet)) else None


def is_bare_date(line: str) -> bool:
    """Whether the line is a date without a word that says of what: it may be a subheading."""
    found = date_line(line)
    return found is not None and found.bare


def copyright_owner(line: str) -> str | None:
    """Who holds the copyright by a line at the foot of a page, unless that is an agency.

    >>> copyright_owner("© 2023 The Harbour Post. All rights reserved.")
    'The Harbour Post'
    """
    match = _COPYRIGHT.fullmatch(line) if len(line) <= LONGEST_LINE else None
    if not match or not match["owner"][0].isupper() or credit(match["owner"]):
        return None
    return match["owner"].strip()


def _one_fact(line: str) -> Facts | None:
    if dates := date_line(line):
        return Facts(published=dates.published, modified=dates.modified)
    if (found := byline(line) or production_note(line)) is not None:
        return found
    match = _LABELLED.fullmatch(line)
    bare = match[1] if match else line.strip(_AROUND)
    if URL.fullmatch(bare):
        return Facts(url=bare)
    agency = credit(bare)
    return Facts(credit=agency) if agency else None
