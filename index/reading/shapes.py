"""What kind of line this is, judged by its shape alone."""

from __future__ import annotations

import re

LONGEST_LINE = 200
"""Headlines, bylines and date lines are shorter, in characters. Longer lines are the story, so no
pattern is tried on them, which also keeps hostile input cheap."""

_CLOSERS = "\"'”’»)]"
_SMALL_WORDS = frozenset({"&", "and", "of", "the", "in", "on", "for", "news", "affairs"})
_LONGEST_LABEL = 30
_ABBREVIATION_END = re.compile(r"(?:^|\s)(?:[A-Z]\.){2,4}$")  # a headline may end in "U.S."


def ends_sentence(text: str) -> bool:
    """Whether it ends like a sentence, closing quotes and brackets aside.

    >>> ends_sentence('He said: "No."'), ends_sentence("Rain in May")
    (True, False)
    """
    return text.rstrip(_CLOSERS).endswith((".", "!", "?", "…", "؟", "۔", "。"))


def is_prose(text: str) -> bool:
    """Whether it is a paragraph of the story, not one of the lines around it."""
    return len(text) > LONGEST_LINE or ends_sentence(text)


def is_label(text: str) -> bool:
    """Whether it may be the name of a section: one to three capitalised words and no punctuation.

    >>> is_label("Middle East"), is_label("Hamas denies report"), is_label("'Strategic error'")
    (True, False, False)
    """
    if len(text) > _LONGEST_LABEL:
        return False
    words = text.split()
    return (
        1 <= len(words) <= 3
        and text[-1].isalpha()
        and any(word[0].isupper() for word in words)
        and all(word[0].isupper() or word in _SMALL_WORDS for word in words)
    )


def is_headline(text: str) -> bool:
    """Whether it may be a headline: one line that does not end in a full stop (but may in "U.S.").

    >>> is_headline("Will it rain in May?"), is_headline("It rained in May.")
    (True, False)
    """
    if len(text) > LONGEST_LINE or text.endswith((":", ",", ";")):
        return False
    bare = text.rstrip(_CLOSERS)
    if bare.endswith((".", "。", "۔")):
        return bare.endswith("...") or _ABBREVIATION_END.search(text) is not None
    return any(character.isalpha() for character in bare)
