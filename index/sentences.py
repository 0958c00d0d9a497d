"""Sentences: where each one begins and ends."""

from __future__ import annotations

import re

from sentencex import get_sentence_boundaries

from index.article import Span

# sentencex keeps what follows a closed bracket with it: "(He left.) She stayed." is two sentences.
_AFTER_BRACKET = re.compile(r"(?<=[.!?][)\]])\s+(?=[^\W\d_])")


def sentence_spans(text: str, language: str = "en") -> list[Span]:
    """Spans of the sentences of `text`, in order, without the white space around them.

    A sentence never goes over a blank line. Together they hold every character that is not white space.

    >>> text = "Gen. Smith left on Oct. 7. “When? Now!” she said."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['Gen. Smith left on Oct. 7.', '“When? Now!” she said.']
    """
    spans: list[Span] = []
    for boundary in get_sentence_boundaries(language, text):
        start, end = boundary["start_index"], boundary["end_index"]
        cuts = [start, *(start + match.end() for match in _AFTER_BRACKET.finditer(text[start:end])), end]
        for a, b in zip(cuts, cuts[1:], strict=False):
            piece = text[a:b]
            stripped = piece.strip()
            if stripped:
                first = a + piece.index(stripped)
                spans.append((first, first + len(stripped)))
    return spans
