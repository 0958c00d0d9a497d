"""Spelling: how far two words are from being written alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 40  # letters of a word that is looked for in other spellings


def words_of(text: str) -> list[str]:
    """The words of `text` as they are written, without figures."""
    return _WORD.findall(text)


def allowed_edits(word: str) -> int:
    """How many letters may differ in another spelling of a word, as Elasticsearch's fuzziness "AUTO" has it.

    >>> [allowed_edits(word) for word in ("on", "Deif", "Meshaal", "x" * 50)]
    [0, 1, 2, 0]
    """
    if len(word) < 3 or len(word) > _LONGEST:
        return 0
    return 1 if len(word) < 6 else 2


def near_words(word: str, others: Iterable[str], edits: int) -> list[tuple[str, int]]:
    """Those of the others that are at most so many edits from `word`, each with their number, the nearest first.

    An edit adds, drops or changes a letter or swaps two neighbours, whatever their case and accents. The first letters
    must be the same.

    >>> near_words("Hizbullah", ["Hezbollah", "Houthis"], 2), near_words("Iran", ["Oman"], 2)
    ([('Hezbollah', 2)], [])
    """
    asked = _folded(word)
    alike = {other: folded for other in others if (folded := _folded(other))[:1] == asked[:1] and folded}
    found = process.extract(asked, alike, scorer=OSA.distance, score_cutoff=edits, limit=None)
    return sorted(((other, int(distance)) for _, distance, other in found), key=lambda item: item[1])


def _folded(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).lower()
