"""Dates: what is stated is read exactly, and what is ambiguous stays unknown."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import stated
from index.reading.dates import date_line, stated_time


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2021-03-04", "2021-03-04"),
        ("4 March 2021", "2021-03-04"),
        ("March 4, 2021", "2021-03-04"),
        ("Thursday, March 4, 2021", "2021-03-04"),
        ("4th of March 2021", "2021-03-04"),
        ("04-Mar-2021", "2021-03-04"),
        ("Sept. 4, 2021", "2021-09-04"),
        ("24/03/2021", "2021-03-24"),
        ("03/24/2021", "2021-03-24"),
        ("03.03.2021", "2021-03-03"),
        ("2021-03-04T05:06:07Z", "2021-03-04T05:06:07+00:00"),
        ("2021-03-04T05:06:07.5+03:30", "2021-03-04T05:06:07.500000+03:30"),
        ("2021-03-04 05:06", "2021-03-04T05:06:00"),
        ("Thu, 04 Mar 2021 05:06:07 -0500", "2021-03-04T05:06:07-05:00"),
        ("4 March 2021, 17:06 GMT", "2021-03-04T17:06:00+00:00"),
        ("March 4, 2021 @ 17:06 UTC", "2021-03-04T17:06:00+00:00"),
        ("March 4, 2021 at 5:06 p.m. EST", "2021-03-04T17:06:00-05:00"),
        ("5:06 PM EST, Thu March 4, 2021", "2021-03-04T17:06:00-05:00"),
        ("March 4, 2021 5:06pm ET", "2021-03-04T17:06:00-05:00"),
        ("July 4, 2021 5 p.m. ET", "2021-07-04T17:00:00-04:00"),
        ("July 4, 2021 12:06 a.m. PDT", "2021-07-04T00:06:00-07:00"),
        ("4 July 2021 17:06 CEST", "2021-07-04T17:06:00+02:00"),
        ("4 July 2021 17.06 (UTC+3)", "2021-07-04T17:06:00+03:00"),
        ("1706 GMT 4 July 2021", "2021-07-04T17:06:00+00:00"),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(written: str, meant: str) -> None:
    assert stated(stated_time(written)) == meant


@pytest.mark.parametrize("zone", ["BST", "IST", "CST", "XYZ"])
def test_a_moment_in_an_ambiguous_zone_is_known_to_the_day(zone: str) -> None:
    assert stated(stated_time(f"4 July 2021 17:06 {zone}")) == "2021-07-04"


@pytest.mark.parametrize(
    "written",
    [
        "03/04/2021",  # March or April
        "March 4",
        "March 2021",
        "2021",
        "20210304",
        "30 February 2021",
        "1 January 1799",
        "1 January 2101",
        "2021-03-04 25:06",
        "2021-03-04 17",
        "2021-03-04 17:06 +25:00",
        "4 March 2021 17:06 today",
        "on 4 March 2021",
        "4 March 2021.",
        "4-5 March 2021",
        "yesterday",
        "",
    ],
)
def test_what_is_not_one_whole_date_is_unknown(written: str) -> None:
    assert stated_time(written) is None


@pytest.mark.parametrize(
    ("line", "published", "modified"),
    [
        ("-March 4, 2021 @ 17:06 GMT |", "2021-03-04T17:06:00+00:00", None),
        ("Published: 4 March 2021", "2021-03-04", None),
        ("First published on 4 March 2021", "2021-03-04", None),
        ("Updated March 4, 2021 5:06 p.m. ET", None, "2021-03-04T17:06:00-05:00"),
        ("Last modified: 2021-03-04", None, "2021-03-04"),
        ("Corrected on March 4, 2021", None, "2021-03-04"),
        ("Published 4 March 2021; Updated 5 March 2021", "2021-03-04", "2021-03-05"),
    ],
)
def test_a_date_line_says_which_of_the_two_it_is(
    line: str, published: str | None, modified: str | None
) -> None:
    found = date_line(line)
    assert found is not None
    assert (stated(found.published), stated(found.modified)) == (published, modified)


@pytest.mark.parametrize(
    "line", ["The bridge fell on March 4, 2021", "Published in 2021", "Updated", "It was March 4, 2021."]
)
def test_a_date_within_a_sentence_makes_no_date_line(line: str) -> None:
    assert date_line(line) is None


@settings(deadline=None)
@given(st.datetimes(min_value=datetime(1800, 1, 1), max_value=datetime(2100, 12, 31)))
def test_every_iso_moment_is_read_back(moment: datetime) -> None:
    assert stated_time(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Port Ellery, 9 May 2025", date(2025, 5, 9)),
        ("Montrésor, May 9, 2025", date(2025, 5, 9)),
        ("It rained in Port Ellery, 9 May 2025 was dry", None),
        ("November, 15 2023", None),
    ],
)
def test_a_place_may_stand_before_the_date(line: str, day: date | None) -> None:
    found = date_line(line)
    assert (found.published if found else None) == day
