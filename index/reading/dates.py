"""Dates and times as newspapers write them; what is ambiguous is unknown.

Not a general date parser: those fill gaps with today's date and guess between day and month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from index.article import StatedTime
from index.reading.shapes import LONGEST_LINE

_YEARS = range(1800, 2101)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s)?"
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_DAYS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        rf"{_WEEKDAY}{_DAY}(?:\sof)?[\s-]{_MONTH},?[\s-]{_YEAR}",
        rf"{_WEEKDAY}{_MONTH}\s{_DAY},?\s{_YEAR}",
        rf"{_WEEKDAY}(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<second>\d{{1,2}})(?P=mark){_YEAR}",
    )
]
_ZONE = r"(?P<zone>(?:UTC|GMT)?\s?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,5})"
_CLOCK = (
    r"(?:(?P<digits>\d{4})(?=\s?\(?(?:GMT|UTC|Z)\b)"
    r"|(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?)"
    rf"(?:\s?(?P<half>[ap])\.?m\b\.?)?(?:\s?\(?{_ZONE}\)?)?"
)
_JOINT = r"\s?,?\s?(?:T|at\s|@|[-–—|•·])?\s?"
_CLOCK_AFTER = re.compile(_JOINT + _CLOCK, re.IGNORECASE)
_CLOCK_BEFORE = re.compile(_CLOCK + r"\s?,?\s?(?:on\s|[-–—|•·]\s)?", re.IGNORECASE)

# Only names that mean one thing wherever news is written. Not among them: BST (Britain and
# Bangladesh, whose papers both use it), IST (India, Israel, Ireland), CST (China, Cuba, Chicago).
_ZONES: dict[str, tzinfo] = {
    name: timezone(timedelta(hours=hours))
    for name, hours in {
        "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7,
        "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "WAT": 1, "EAT": 3, "JST": 9, "KST": 9, "HKT": 8,
    }.items()
}  # fmt: skip
_REGIONS = {"ET": "America/New_York", "PT": "America/Los_Angeles"}  # summer time is decided by the day
_OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_LARGEST_OFFSET = timedelta(hours=14)

_LABEL = re.compile(
    r"\b(?:(?P<modified>(?:last\s)?(?:updated|modified|edited|corrected))"
    r"|(?:(?:first|originally)\s)?(?:published|posted)|date(?:\spublished)?|publi(?:cation|sh(?:ed|ing)?)\sdate)"
    r"(?:\s(?:on|at)\b)?\s?:?\s?",
    re.IGNORECASE,
)
_AROUND = " -–—|•·*_()[]/,;"
_PLACE = re.compile(r"^[A-ZÀ-Þ][^\W\d_]{0,30}(?:[ .'’-][^\W\d_]{1,30}){0,3}, ")  # "Port Ellery, 9 May 2025"


@dataclass(frozen=True, slots=True)
class DateLine:
    """What a line that holds nothing but dates states. `bare` is a line without words like "Updated"."""

    published: StatedTime | None
    modified: StatedTime | None
    bare: bool


def date_line(line: str) -> DateLine | None:
    """The dates of a line that states nothing else; None for every other line.

    >>> date_line("Published: 15 November 2023 | Updated: 16 November 2023")
    DateLine(published=datetime.date(2023, 11, 15), modified=datetime.date(2023, 11, 16), bare=False)
    >>> date_line("It rained on November 15, 2023")
    """
    if len(line) > LONGEST_LINE or not any(character.isdigit() for character in line):
        return None
    labels = list(_LABEL.finditer(line))
    starts = [0, *(label.end() for label in labels)]
    ends = [*(label.start() for label in labels), len(line)]
    published: StatedTime | None = None
    modified: StatedTime | None = None
    for label, start, end in zip([None, *labels], starts, ends, strict=True):
        words = line[start:end].strip(_AROUND)
        if not words and label is None:
            continue
        when = stated_time(words) or (stated_time(_PLACE.sub("", words)) if label is None else None)
        if when is None:
            return None
        if label is not None and label["modified"]:
            modified = modified or when
        else:
            published = published or when
    return DateLine(published, modified, bare=not labels)


def stated_time(text: str) -> StatedTime | None:
    """The day or moment that the whole text states, no more exact than it is stated; else None.

    A moment in a zone that has several meanings is given as its day. A day without a year, and
    03/04/2023, which is two days, are None.

    >>> stated_time("Nov. 15, 2023, 1:10 p.m. ET").isoformat()
    '2023-11-15T13:10:00-05:00'
    """
    text = " ".join(text[: LONGEST_LINE + 1].split())
    if len(text) > LONGEST_LINE:
        return None
    if found := _leading_day(text):
        day, length = found
        if length == len(text):
            return day
        clock = _CLOCK_AFTER.fullmatch(text, length)
        return _moment(day, clock) if clock else None
    clock = _CLOCK_BEFORE.match(text)
    found = _leading_day(text[clock.end() :]) if clock else None
    if clock is None or found is None or clock.end() + found[1] != len(text):
        return None
    return _moment(found[0], clock)


def _leading_day(text: str) -> tuple[date, int] | None:
    """The day with which the text begins, and how many characters state it."""
    for pattern in _DAYS:
        if match := pattern.match(text):
            day = _day(match)
            return (day, match.end()) if day else None
    return None


def _day(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    year = int(parts["year"])
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        if first <= 12 and second <= 12 and first != second:
            return None  # the third of April in London is the fourth of March in New York
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        day = int(parts["day"])
        month = int(parts["month"]) if parts["month"].isdigit() else _month_number(parts["month"])
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _moment(day: date, clock: re.Match[str]) -> StatedTime | None:
    """The moment of the day at which the clock stands, or None where no clock stands so."""
    hour_stated, minute = clock["hour"], clock["minute"]
    if digits := clock["digits"]:
        hour_stated, minute = digits[:2], digits[2:]
    hour = int(hour_stated)
    half = (clock["half"] or "").lower()
    if (not minute and not half) or (half == "a" and hour > 12):
        return None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        moment = datetime(day.year, day.month, day.day, hour, int(minute or 0), int(clock["second"] or 0))
    except ValueError:
        return None
    moment = moment.replace(microsecond=int((clock["fraction"] or "0").ljust(6, "0")[:6]))
    return _in_zone(moment, clock["zone"]) if clock["zone"] else moment


def _in_zone(moment: datetime, zone: str) -> StatedTime | None:
    """The moment in a zone; its day where the zone is ambiguous, None where it is no zone at all."""
    if zone in _REGIONS:
        offset = moment.replace(tzinfo=ZoneInfo(_REGIONS[zone])).utcoffset()
        return moment.replace(tzinfo=timezone(offset)) if offset is not None else None
    if zone.upper() in _ZONES:
        return moment.replace(tzinfo=_ZONES[zone.upper()])
    if match := _OFFSET.fullmatch(zone):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if offset > _LARGEST_OFFSET:
            return None
        return moment.replace(tzinfo=timezone(-offset if match[1] == "-" else offset))
    return moment.date() if zone.isupper() and len(zone) > 1 else None
