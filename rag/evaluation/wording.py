"""Wording: when two texts say the same words, for every score that compares texts."""

from __future__ import annotations

import re
import string
from functools import lru_cache

from rag.evaluation.questions import is_pattern

_TYPEWRITER = str.maketrans(
    {**dict.fromkeys("‘’‛′", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑–—−", "-")}
)
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = frozenset(string.punctuation)


def plain(text: str) -> str:
    """`text` with typewriter quotation marks and dashes, and one space between words.

    >>> plain("“No”  — he\\nsaid")
    '"No" - he said'
    """
    return " ".join(text.translate(_TYPEWRITER).split())


def squad_words(text: str) -> list[str]:
    """The words that SQuAD compares: lower case, without punctuation and the articles a, an, the.

    Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of text", EMNLP 2016; the
    official script's normalisation. Curly quotation marks and long dashes are made plain before, which
    the script does not know.

    >>> squad_words("The Iron Bridge's span: 1,200 m.")
    ['iron', 'bridges', 'span', '1200', 'm']
    """
    bare = "".join(letter for letter in plain(text).lower() if letter not in _PUNCTUATION)
    return _ARTICLES.sub(" ", bare).split()


def says(text: str, key: str) -> bool:
    """Whether `text` says `key`: the words in any case, or a /regular expression/ that is found.

    A word or a number is not found inside a longer one.

    >>> says("It killed 1,200 people.", "1,200"), says("It killed 1,200 people.", "200")
    (True, False)
    >>> says("They won’t fight.", "/won't (fight|enter)/")
    True
    """
    return bool(_compiled(key).search(plain(text)))


@lru_cache(maxsize=4096)
def _compiled(key: str) -> re.Pattern[str]:
    if is_pattern(key):
        return re.compile(plain(key[1:-1]), re.IGNORECASE)
    words = re.escape(plain(key))
    return re.compile(rf"(?<!\w)(?<!\d[.,]){words}(?!\w)(?![.,]\d)", re.IGNORECASE)
