"""Bylines, credits and addresses: what a line around the story states."""

from __future__ import annotations

from datetime import date

import pytest

from index.reading.agencies import credit, cut_credit, dateline_credit
from index.reading.fact_lines import copyright_owner, fact_line
from index.reading.facts import Facts


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("By Jane Doe", Facts(byline="Jane Doe")),
        ("BY JANE DOE |", Facts(byline="JANE DOE")),
        ("By: Jane Doe", Facts(byline="Jane Doe")),
        ("By Jane Doe and John Roe", Facts(byline="Jane Doe and John Roe")),
        ("By Jane Doe in Beirut", Facts(byline="Jane Doe")),
        ("By Jane Doe, Staff Writer", Facts(byline="Jane Doe")),
        ("Jane Doe, Staff Writer", Facts(byline="Jane Doe")),
        ("By Ahmed al-Masri", Facts(byline="Ahmed al-Masri")),
        ("By Jane Doe | March 4, 2021", Facts(byline="Jane Doe", published=date(2021, 3, 4))),
        ("By Jane Doe - 4 March 2021 - 3 min read", Facts(byline="Jane Doe", published=date(2021, 3, 4))),
        ("By Jane Doe Updated March 4, 2021", Facts(byline="Jane Doe", modified=date(2021, 3, 4))),
        ("By Emily Post", Facts(byline="Emily Post")),
        ("By Harbourlight |", Facts(byline="Harbourlight", outlet="Harbourlight")),
        ("By Calder News", Facts(byline="Calder News", outlet="Calder News")),
        (
            "By Calder Courier Sports Desk",
            Facts(byline="Calder Courier Sports Desk", outlet="Calder Courier"),
        ),
        ("By Middle East Desk", Facts(byline="Middle East Desk")),
        ("By Our Correspondent", Facts(byline="Our Correspondent")),
        ("By Staff", Facts(byline="Staff")),
        ("By Reuters", Facts(byline="Reuters", credit="Reuters")),
        ("By The Associated Press", Facts(byline="The Associated Press", credit="Associated Press")),
        ("By Jane Doe, AFP", Facts(byline="Jane Doe", credit="AFP")),
        ("By AFP and Jane Doe", Facts(byline="AFP and Jane Doe", credit="AFP")),
        ("Reporting by Jane Doe in Beirut for Reuters; Editing by John Roe", Facts(credit="Reuters")),
        ("(Reporting by Jane Doe; Editing by John Roe)", Facts()),
        ("Source: AP", Facts(credit="AP")),
        ("— AFP", Facts(credit="AFP")),
        ("(Reuters/NAN)", Facts(credit="Reuters/NAN")),
        ("https://calder.example/a?b=1", Facts(url="https://calder.example/a?b=1")),
        ("Source: https://calder.example/a", Facts(url="https://calder.example/a")),
    ],
)
def test_a_line_states_this_and_no_more(line: str, facts: Facts) -> None:
    assert fact_line(line) == facts


@pytest.mark.parametrize(
    "line",
    [
        "By the end of the day the river had risen",
        "By 2030 the sea will have risen",
        "Reporting by the Chronicle led to an arrest.",
        "Reuters reported on March 4, 2021",
        "Source: people who saw it",
        "ftp://calder.example/a",
        "See https://calder.example/a",
        "3 min read",
    ],
)
def test_a_sentence_is_not_a_line_of_facts(line: str) -> None:
    assert fact_line(line) is None


@pytest.mark.parametrize(
    ("paragraph", "left", "agency"),
    [
        ("The talks failed. (Reuters)", "The talks failed.", "Reuters"),
        ("The talks failed. (Reuters/NAN)", "The talks failed.", "Reuters/NAN"),
        ("The talks failed (AP).", "The talks failed", "AP"),
        ("The talks failed. (With inputs from AFP)", "The talks failed.", "AFP"),
        ("(dpa)", "", "dpa"),
        ("The talks failed (again).", "The talks failed (again).", None),
        ("He drew a map. (AP Photo/Jane Doe)", "He drew a map. (AP Photo/Jane Doe)", None),
    ],
)
def test_an_agency_in_brackets_ends_the_story(paragraph: str, left: str, agency: str | None) -> None:
    assert cut_credit(paragraph) == (left, agency)


@pytest.mark.parametrize(
    ("paragraph", "agency"),
    [
        ("BEIRUT, Nov 15 (Reuters) - The talks failed.", "Reuters"),
        ("TEHRAN (AFP) — The talks failed.", "AFP"),
        ("(Reuters) - The talks failed.", "Reuters"),
        ("The agency (Reuters) - not the only one - said so.", None),
        ("BEIRUT (the capital) - The talks failed.", None),
        ("BEIRUT - The talks failed.", None),
    ],
)
def test_a_dateline_names_the_agency(paragraph: str, agency: str | None) -> None:
    assert dateline_credit(paragraph) == agency


def test_what_is_not_only_agencies_is_no_credit() -> None:
    assert [credit(text) for text in ("Jane Doe / AP", "mena", "", "/", "AP Photo")] == [None] * 5


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("© 2023 The Harbour Post. All rights reserved.", "The Harbour Post"),
        ("Copyright 2021-2023 Northern Ledger", "Northern Ledger"),
        ("© The Harbour Post", "The Harbour Post"),
        ("© 2023 Reuters", None),
        ("Copyright law was changed in March.", None),
        ("All rights reserved.", None),
        ("© " + "A" * 5_000, None),
    ],
)
def test_who_holds_the_copyright_is_the_outlet(line: str, outlet: str | None) -> None:
    assert copyright_owner(line) == outlet


def test_a_paper_beside_a_date_and_a_byline_is_the_outlet() -> None:
    found = fact_line("The Ellery Standard | 17 March 2025 | By Nadia Flores")
    assert found == Facts(outlet="The Ellery Standard", byline="Nadia Flores", published=date(2025, 3, 17))
    assert fact_line("The Ellery Standard | Port Ellery News") is None
    assert fact_line("Emily Post | 17 March 2025") is None
