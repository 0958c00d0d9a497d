"""Sentences: where each one begins and ends."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterator
from itertools import pairwise

from tokenizesentences import tokenize_spans

from index.article import Span

# tokenizesentences decides at every full stop, question and exclamation mark whether a sentence ends
# there; what is below adds what news needs besides. Every pattern looks at a bounded piece of text or at
# each character a bounded number of times, so that a text of any kind takes linear time.

# A statement is quoted with the words that attribute it: "“We slept. They came,” said Amir" loses its
# speaker when it is cut. A longer quotation is a speech: as one sentence it would fill half a chunk, and
# be too much to check at a glance as a citation.
_LONGEST_QUOTATION = 400  # characters

_LINE_END = re.compile(r"\n\s*")
_ELLIPSIS = re.compile(r"…[\"'”’)\]]*\s+(?=[\"'“‘(\[]*([^\W\d_]+))")
_QUOTATION = re.compile(r"“[^“”]*”|(?<![^\s(\[—–-])\"(?=\S)[^\"]*(?<=\S)\"(?!\w)")

_NUMBERING = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z])[.)]")  # "1." alone is the beginning of a list item
_NUMBERED = re.compile(r"(?<![\w’'.-])(?:[Pp]aras?|[Pp]ars?|[Ss]ecs?|[Aa]rts?|Nos|[Cc]h|[Vv]ols?|pp?|c)\.$")
_SPEECH = re.compile(r"[?!][”’\"']$")
_SPEAKER = re.compile(
    r"(?:[A-Z][\w’'.-]*\s+){1,4}"
    r"(?:said|says|asked|asks|added|told|replied|shouted|cried|wrote|yelled|answered|wondered|demanded|warned"
    r"|called|exclaimed)\b"
)
_WINDOW = 120  # characters on each side of a boundary that the rules look at


def sentence_spans(text: str) -> list[Span]:
    """Spans of the sentences of `text`, in order, without the white space around them.

    A sentence never goes over a blank line, nor over a line end unless the next line begins in lower
    case. A closing quotation mark or bracket belongs to the sentence that it closes, and a quotation
    of up to 400 characters is never cut. Together the spans hold every character that is not white space.

    >>> text = "Gen. Smith left on Oct. 7. “When? Now!” she said."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['Gen. Smith left on Oct. 7.', '“When? Now!” she said.']
    """
    return [
        (block_start + start, block_start + end)
        for block_start, block_end in _blocks(text)
        for start, end in _sentences(text[block_start:block_end])
    ]


def _blocks(text: str) -> Iterator[Span]:
    """Lines, each with the following ones that go on in lower case."""
    start = 0
    for line_end in _LINE_END.finditer(text):
        goes_on = text[line_end.end() : line_end.end() + 1].islower()
        if line_end[0].count("\n") > 1 or not goes_on:
            yield start, line_end.start()
            start = line_end.end()
    yield start, len(text)


def _sentences(block: str) -> list[Span]:
    in_quotation = _in_quotation(block)
    sentences: list[Span] = []
    for start, end in _pieces(block):
        if sentences:
            first, last = sentences[-1]
            before, after = block[max(first, last - _WINDOW) : last], block[start : start + _WINDOW]
            if in_quotation(start) or _goes_on(before, after):
                sentences[-1] = (first, end)
                continue
        sentences.append((start, end))
    return sentences


def _pieces(block: str) -> Iterator[Span]:
    """What tokenizesentences finds, cut after an ellipsis too: "They waited… Then it rained."."""
    starts = {start for start, _ in tokenize_spans(block)}
    for ellipsis in _ELLIPSIS.finditer(block):
        if ellipsis[1][0].isupper() and ellipsis[1] != "I":  # "I" is a capital anywhere
            starts.add(ellipsis.end())
    for start, end in pairwise([0, *sorted(starts), len(block)]):
        piece = block[start:end]
        if stripped := piece.strip():
            first = start + piece.index(stripped[0])
            yield first, first + len(stripped)


def _in_quotation(block: str) -> Callable[[int], bool]:
    """Whether an offset lies inside a quotation that is short enough to be kept whole."""
    quotations = [m.span() for m in _QUOTATION.finditer(block) if len(m[0]) <= _LONGEST_QUOTATION]
    starts = [start for start, _ in quotations]

    def inside(offset: int) -> bool:
        nearest = bisect(starts, offset - 1) - 1
        return nearest >= 0 and offset < quotations[nearest][1]

    return inside


def _goes_on(before: str, after: str) -> bool:
    """Whether what ends with `before` and what begins with `after` are one sentence after all.

    >>> _goes_on("1.", "Open the crossing."), _goes_on("“Who?”", "Ann asked."), _goes_on("No.", "He left.")
    (True, True, False)
    """
    return bool(
        _NUMBERING.fullmatch(before)
        or (_NUMBERED.search(before) and after[0].isdigit())
        or (_SPEECH.search(before) and _SPEAKER.match(after))
    )
