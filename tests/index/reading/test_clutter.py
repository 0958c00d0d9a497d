"""Clutter goes, and no sentence of the story goes with it."""

from __future__ import annotations

import pytest

from index.reading.clutter import is_clutter, without_clutter


@pytest.mark.parametrize(
    "line",
    [
        "Captcha *",
        "I'm not a robot",
        "Do you like this article?",
        "Print",
        "Share | Print | E-mail",
        "Share: Facebook, X, WhatsApp",
        "Share this article",
        "Telegram",
        "Follow us on Instagram",
        "Sign up for our newsletter",
        "Subscribe to the Morning Tide newsletter.",
        "Subscribe now",
        "Read more: Ferry fares to rise",
        "READ ALSO: Ferry fares to rise",
        "Related articles",
        "Advertisement",
        "We use cookies to give you a better experience.",
        "Home | World | Sport",
        "Home › News › Middle East",
        "News World Sport Opinion",
        "Skip to content",
        "© 2021 The Calder Chronicle",
        "Copyright 2021 The Calder Chronicle. All rights reserved.",
        "4 min read",
        "12 comments",
        "Comments are closed",
        "3 hours ago",
        "Tags: harbour, ferries",
    ],
)
def test_a_line_of_the_page_is_clutter(line: str) -> None:
    assert is_clutter(line)


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell 3 percent.",
        "Print is dead.",
        "Follow the money",
        "Read more books, she told the class.",
        "Advertisement spending fell.",
        "We use cookies to follow people around, the company admitted.",
        "Home prices rose",
        "Related deaths rose.",
        "Twitter fell 5 percent.",
        "“Sign up for our newsletter,” the page told every visitor.",
        "Calder | 2 | 1",
        "Copyright law is changing.",
        "12 shares of the company were sold.",
        "Close the border",
        "Search teams found two walkers.",
        "Ahead",
    ],
)
def test_a_line_that_resembles_clutter_stays(line: str) -> None:
    assert not is_clutter(line)


def test_a_repeated_caption_is_kept_once() -> None:
    assert without_clutter(["The old bridge.", "The old bridge.", "It fell.", "The old bridge."]) == [
        "The old bridge.",
        "It fell.",
        "The old bridge.",
    ]


def test_the_headlines_of_other_stories_at_the_end_go_with_the_line_above_them() -> None:
    story = ["The bridge fell.", "Nobody was hurt."]
    assert (
        without_clutter([*story, "Related articles", "Ferry fares to rise", "Mayor resigns", "Print"])
        == story
    )


def test_a_box_in_the_middle_loses_its_heading_only() -> None:
    story = ["The bridge fell.", "Related articles", "Ferry fares to rise", "Nobody was hurt."]
    assert without_clutter(story) == ["The bridge fell.", "Ferry fares to rise", "Nobody was hurt."]
