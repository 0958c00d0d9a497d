"""A pasted page becomes the article that a reader sees in it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from index.article import Article
from index.errors import ReadError
from index.reading import read_text

FALL = "The old bridge fell on Tuesday, March 2, the county said."
HURT = "Nobody was hurt."
FERRY = "A ferry will take its place until spring."


def pasted(*paragraphs: str) -> Article:
    return read_text("\n\n".join(paragraphs))


def test_a_page_with_section_byline_caption_and_buttons() -> None:
    caption = "The bridge in June. [calder.example]"
    assert pasted(
        "Skip to content",
        "Local news",
        "Bridge over the Calder falls after 'years of warnings'",
        FALL,
        f"{caption}\n{caption}",
        "By Harbourlight |",
        HURT,
        "'A matter of time'",
        FERRY,
        "Do you like this article?",
        "\nCaptcha *",
    ) == Article(
        text="\n\n".join([FALL, caption, HURT, "'A matter of time'", FERRY]),
        headline="Bridge over the Calder falls after 'years of warnings'",
        outlet="Harbourlight",
        byline="Harbourlight",
        section="Local news",
    )


def test_a_page_with_an_agency_in_brackets_and_a_date_below_it() -> None:
    assert pasted(
        "Bridge over the Calder falls – County",
        FALL,
        f"{HURT} (Reuters/NAN)\u00a0\n\n\n-March 3, 2021 @ 13:10 GMT |",
    ) == Article(
        text=f"{FALL}\n\n{HURT}",
        headline="Bridge over the Calder falls – County",
        published=datetime(2021, 3, 3, 13, 10, tzinfo=UTC),
        credit="Reuters/NAN",
    )


def test_a_page_whose_head_is_single_lines() -> None:
    assert read_text(
        "Bridge over the Calder falls\nBy Jane Doe, Staff Writer\n"
        "Published 3 March 2021 | Updated 4 March 2021\n"
        f"https://calder.example/bridge\n\nBEIRUT, March 3 (AFP) - {FALL}\n\n{HURT}"
    ) == Article(
        text=f"BEIRUT, March 3 (AFP) - {FALL}\n\n{HURT}",
        headline="Bridge over the Calder falls",
        byline="Jane Doe",
        published=date(2021, 3, 3),
        modified=date(2021, 3, 4),
        url="https://calder.example/bridge",
        credit="AFP",
    )


def test_a_text_that_states_nothing_has_no_facts() -> None:
    assert pasted(FALL, HURT) == Article(text=f"{FALL}\n\n{HURT}")


def test_a_date_in_the_story_is_not_the_date_of_the_story() -> None:
    assert pasted("Bridge over the Calder falls", "It fell on March 2, 2021.", HURT).published is None


def test_the_days_of_a_timeline_are_its_subheadings() -> None:
    story = ["March 2, 2021", FALL, "March 3, 2021", HURT]
    assert pasted("How the bridge over the Calder fell", *story) == Article(
        text="\n\n".join(story), headline="How the bridge over the Calder fell"
    )


def test_a_menu_above_the_headline_is_no_section() -> None:
    article = pasted("Calder", "Oxley", "Bridge over the Calder falls", FALL)
    assert (article.headline, article.section, article.text) == ("Bridge over the Calder falls", None, FALL)


@pytest.mark.parametrize("headline", ["Floods", "Floods End", "Is it over?", "Bridge falls in the U.S."])
def test_a_short_headline_is_a_headline(headline: str) -> None:
    article = pasted(headline, FALL)
    assert (article.headline, article.section, article.text) == (headline, None, FALL)


def test_a_headline_stated_twice_is_not_part_of_the_story() -> None:
    text = (
        f"---\nheadline: Bridge over the Calder falls\n---\nLocal\n\nBridge Over the Calder Falls\n\n{FALL}"
    )
    assert read_text(text) == Article(text=FALL, headline="Bridge over the Calder falls", section="Local")


def test_what_front_matter_states_outweighs_the_page() -> None:
    text = f"---\nauthor: Ann Poe\n---\nTitle: Bridge falls\nAuthor: Jane Doe\n\nBy John Roe\n\n{FALL}"
    assert read_text(text) == Article(text=FALL, headline="Bridge falls", byline="Ann Poe")


@pytest.mark.parametrize(
    "text", ["", " \n\n", "Print\nCaptcha *", "By Jane Doe\n\nMarch 3, 2021", "Title: Rain"]
)
def test_no_story_is_an_error_that_says_what_to_do(text: str) -> None:
    with pytest.raises(ReadError) as error:
        read_text(text, "a.txt")
    assert error.value.message == "a.txt: there is no story in it"
    assert error.value.hint == "Paste the text of the article into the file."


def test_the_owner_at_the_foot_of_the_page_is_the_outlet_when_nothing_else_names_one() -> None:
    page = (
        "Fares rise\n\nThe fare will rise in January.\n\n© 2023 The Harbour Post. All rights reserved.\nPrint"
    )
    assert read_text(page).outlet == "The Harbour Post"
    assert read_text(page).text == "The fare will rise in January."
    assert (
        read_text("Outlet: The Northern Ledger\nHeadline: Fares\n\n" + page).outlet == "The Northern Ledger"
    )
