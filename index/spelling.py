"""Spelling: how far two words are from being written alike."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W\d_]+")
_FAR = 99


def words_of(text: str) -> list[str]:
    """The words of `text` as they are written, without figures."""
    return _WORD.findall(text)


def edits_between(one: str, other: str) -> int:
    """The letters to add, drop, change or swap, whatever the case and accents; many for another first letter.

    >>> edits_between("Hizbullah", "Hezbollah"), edits_between("Sanchez", "SÁNCHEZ"), edits_between("Iran", "Oman")
    (2, 0, 99)
    """
    first, second = _folded(one), _folded(other)
    return OSA.distance(first, second) if first[:1] == second[:1] else _FAR


def _folded(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).lower()
