"""Lines to paragraphs: which line ends are the writer's, and which a line-breaking program's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from index.reading.clutter import is_clutter
from index.reading.fact_lines import fact_line
from index.reading.keys import key_line
from index.reading.shapes import ends_sentence

_WIDTHS = range(40, 101)  # columns to which e-mail and plain text are broken
_SLACK = 2
_BULLET = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s")


def paragraphs_of(text: str) -> list[str]:
    r"""The paragraphs of tidy text, each one line.

    A blank line always parts paragraphs. A single line end does so too, unless the text looks
    broken at a column: of the lines that others follow directly, a third break off within a
    sentence that goes on in lower case, and nine in ten are no longer than 100 characters. Then a
    line is continued by the next where the next one's first word would not have fitted on it, or
    where the next goes on in lower case. Lines that state a fact, and clutter, stand alone.

    >>> paragraphs_of("It rained.\nThe river rose.\n\nNobody was hurt.")
    ['It rained.', 'The river rose.', 'Nobody was hurt.']
    """
    blocks = [block.split("\n") for block in re.split(r"\n{2,}", text.strip("\n")) if block]
    width = _width(blocks)
    if width is None:
        return [line for block in blocks for line in block]

    def continues(line: str, following: str) -> bool:
        would_have_fitted = len(line) + 1 + len(following.split(" ", 1)[0]) <= width - _SLACK
        return not would_have_fitted or (following[0].islower() and not ends_sentence(line))

    return [paragraph for block in blocks for paragraph in _joined(block, continues)]


def joined_lines(lines: list[str]) -> list[str]:
    """The paragraphs of lines of which each continues the last, as in Markdown, facts and clutter apart."""
    return list(_joined([line for line in lines if line], lambda line, following: True))


def _width(blocks: list[list[str]]) -> int | None:
    """The column at which the lines were broken, or None where each line is a paragraph."""
    followed = [(line, following) for block in blocks for line, following in pairwise(block)]
    broken_off = sum(not ends_sentence(line) and _goes_on(following) for line, following in followed)
    if broken_off * 3 < len(followed) or not broken_off:
        return None
    lengths = sorted(len(line) for line, _ in followed)
    # Not the longest: one address or heading that could not be broken must not set the column.
    width = lengths[(len(lengths) - 1) * 9 // 10]
    return width if width in _WIDTHS else None


def _goes_on(line: str) -> bool:
    # Letters without case, as in Persian, neither open nor continue a sentence: both count as going on.
    return line[0].isalpha() and not line[0].isupper()


def _joined(lines: list[str], continues: Callable[[str, str], bool]) -> Iterator[str]:
    parts = [lines[0]] if lines else []
    for line, following in pairwise(lines):
        if _stands_alone(line) or _stands_alone(following) or not continues(line, following):
            yield " ".join(parts)
            parts = []
        parts.append(following)
    if parts:
        yield " ".join(parts)


def _stands_alone(line: str) -> bool:
    # A line that begins in lower case ("print", within a sentence) is never one of those.
    if line[0].islower() and not line.startswith("http"):
        return False
    return (
        bool(_BULLET.match(line))
        or is_clutter(line)
        or key_line(line) is not None
        or fact_line(line) is not None
    )
