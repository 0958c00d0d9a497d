"""Lines to paragraphs, however the text was pasted."""

from __future__ import annotations

import textwrap

import pytest

from index.reading.paragraphs import joined_lines, paragraphs_of

STORY = [
    "The old bridge over the River Calder fell on Tuesday morning, an hour after the last school bus had "
    "crossed it on its way to Oxley, the county said.",
    "Nobody was hurt. Engineers had warned the council of cracks in two of its seven piers as early as 2009, "
    "and again in a letter that was made public last year.",
    "A ferry will take its place until spring.",
]


@pytest.mark.parametrize("width", [50, 65, 72, 80, 100])
def test_lines_broken_at_a_column_are_joined_again(width: int) -> None:
    assert paragraphs_of("\n\n".join(textwrap.fill(paragraph, width) for paragraph in STORY)) == STORY


def test_lines_that_are_paragraphs_stay_apart() -> None:
    assert paragraphs_of("\n".join(STORY)) == STORY
    assert paragraphs_of("\n\n".join(STORY)) == STORY


def test_short_lines_that_are_paragraphs_stay_apart() -> None:
    lines = [
        "The bridge fell.",
        "'A matter of time'",
        "Nobody was hurt, the county said.",
        "A ferry will come.",
    ]
    assert paragraphs_of("\n".join(lines)) == lines


def test_facts_and_clutter_are_not_joined_to_what_stands_beside_them() -> None:
    wrapped = textwrap.fill(STORY[0], 72)
    assert paragraphs_of(f"By Jane Doe\nMarch 4, 2021\nPrint\n{wrapped}") == [
        "By Jane Doe",
        "March 4, 2021",
        "Print",
        STORY[0],
    ]


def test_a_button_after_a_full_line_is_not_its_continuation() -> None:
    first, *rest = textwrap.wrap(STORY[0], 72)
    text = "\n".join([first, "Advertisement", *rest])
    assert paragraphs_of(text) == [first, "Advertisement", " ".join(rest)]


def test_a_hyphen_at_the_end_of_a_line_is_left_as_it_is() -> None:
    assert joined_lines(["a well-", "known bridge"]) == ["a well- known bridge"]


def test_no_text_has_no_paragraphs() -> None:
    assert paragraphs_of("") == []
    assert joined_lines([]) == []
