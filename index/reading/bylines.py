"""Who wrote it: a person, a newspaper or an agency."""

from __future__ import annotations

import re

from index.reading.agencies import credit, is_agency
from index.reading.facts import Facts
from index.reading.shapes import LONGEST_LINE

_BY = re.compile(r"(?:(?:written |reported )?by:?|author:)\s(.+)", re.IGNORECASE)
_PLACE = re.compile(r",?\s(?:reporting\s)?in\s(.+)$")
_FOR = re.compile(r"\sfor\s(.+)$")
_BETWEEN_NAMES = re.compile(r"\s*[,&/]\s*(?:and\s)?|\s+and\s+", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:[\w'’-]+\s){0,4}(?:writer|reporter|correspondent|editor|columnist|contributor|bureau chief)",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:(?:additional|further)\s)?(?:reporting|writing|editing|compiled|edited|written)\sby:?\s(.+)",
    re.IGNORECASE,
)
_AROUND = " |-–—•·*_"
_PARTICLES = frozenset({
    "al", "bin", "bint", "ibn", "de", "da", "di", "del", "della", "der", "den", "dos", "du", "el", "la",
    "le", "ter", "van", "von", "y", "zu",
})  # fmt: skip
_LONGEST_NAME_WORDS = 6
_DESK = re.compile(
    r"(?:\s(?:foreign|world|international|national|city|political|sports?|web|digital|online))?"
    r"\s(?:desk|staff|newsroom|team)$",
    re.IGNORECASE,
)
# A byline with one of these words is a newspaper's.
_OUTLET_WORDS = frozenset({
    "agency", "broadcasting", "bulletin", "chronicle", "courier", "daily", "dispatch", "examiner",
    "gazette", "herald", "journal", "magazine", "media", "network", "news", "newspaper", "observer",
    "ledger", "messenger", "press", "radio", "sentinel", "standard", "telegraph", "television", "times", "tribune", "tv", "weekly",
})  # fmt: skip
# These are also surnames: "The Jakarta Post" and "New York Post", but not "Emily Post".
_OUTLET_SURNAMES = frozenset({"post", "guardian", "mail"})
# These say that nobody is named; they make no newspaper's name by themselves.
_NOBODY = frozenset({
    "admin", "agencies", "anonymous", "author", "board", "bureau", "contributor", "correspondent",
    "correspondents", "desk", "editor", "editorial", "editors", "foreign", "guest", "news", "newsroom",
    "our", "reporter", "reporters", "sports", "staff", "team", "the", "unknown", "web", "wire", "wires",
    "writer", "writers",
})  # fmt: skip


def byline(line: str) -> Facts | None:
    """What a byline states ("By Jane Doe in Beirut", "Jane Doe, Staff Writer"); None for other lines.

    >>> byline("By Jane Doe and John Roe in Beirut").byline
    'Jane Doe and John Roe'
    >>> byline("By the end of the day it rained")
    """
    if len(line) > LONGEST_LINE:
        return None
    text = line.strip(_AROUND)
    match = _BY.fullmatch(text)
    if match:
        return _authors(match[1])
    name, comma, role = text.partition(", ")
    return author(name) if comma and _ROLE.fullmatch(role) and _is_name(name) and " " in name else None


def production_note(line: str) -> Facts | None:
    """What "Reporting by Jane Doe for Reuters; Editing by John Roe" states; None for other lines."""
    if len(line) > LONGEST_LINE:
        return None
    facts = Facts()
    for part in line.strip(_AROUND + "().").split(";"):
        match = _NOTE.fullmatch(part.strip(" ."))
        found = _authors(match[1]) if match else None
        if found is None:
            return None
        facts = facts.filled_from(Facts(credit=found.credit))
    return facts


def author(name: str) -> Facts:
    """What an author's name says: an agency is credited, a newspaper is the outlet as well.

    >>> author("Jane Doe").outlet, author("Reuters").outlet
    (None, None)
    >>> author("Pishtaz").outlet, author("Calder Courier Foreign Desk").outlet
    ('Pishtaz', 'Calder Courier')
    """
    agency = credit(name) or "/".join(filter(is_agency, _BETWEEN_NAMES.split(name))) or None
    return Facts(byline=name, credit=agency, outlet=_outlet(name) if agency is None else None)


def _authors(text: str) -> Facts | None:
    """The facts of what follows "By", or None where that is not a list of names."""
    facts = Facts()
    who = text.strip(_AROUND)
    if (employer := _FOR.search(who)) and (agency := credit(employer[1])):
        facts, who = Facts(credit=agency), who[: employer.start()]
    if (place := _PLACE.search(who)) and _are_names(place[1]):
        who = who[: place.start()]
    while ", " in who:
        before, _, last = who.rpartition(", ")
        agency = credit(last)
        if agency is None and not _ROLE.fullmatch(last):
            break
        facts, who = facts.filled_from(Facts(credit=agency)), before
    return facts.filled_from(author(who)) if who and (credit(who) or _are_names(who)) else None


def _are_names(text: str) -> bool:
    return all(_is_name(part) for part in _BETWEEN_NAMES.split(text))


def _is_name(text: str) -> bool:
    words = text.split()
    if not 1 <= len(words) <= _LONGEST_NAME_WORDS or not words[-1][-1].isalpha():
        return False
    bare = text.replace(".", "").replace("'", "").replace("’", "").replace("-", "").replace("\u200c", "")
    return all(part.isalpha() for part in bare.split()) and all(map(_begins_as_name, words))


def _begins_as_name(word: str) -> bool:
    first, hyphen, rest = word.partition("-")
    # Letters without case, as in Arabic or Chinese, are never lower.
    return not word[0].islower() or (first in _PARTICLES and (not hyphen or bool(rest)))


def _outlet(name: str) -> str | None:
    """The newspaper that the name is, without its desk; None for people, and for nobody in particular."""
    paper = _DESK.sub("", name)
    words = paper.casefold().split()
    if all(word in _NOBODY for word in words) or "," in paper or " and " in paper:
        return None
    if len(words) == 1:
        return paper if paper == name and name[0].isupper() else None
    if any(word in _OUTLET_SURNAMES for word in words):
        return paper if len(words) > 2 else None
    return paper if any(word in _OUTLET_WORDS for word in words) else None
