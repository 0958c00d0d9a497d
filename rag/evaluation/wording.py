"""Wording: when two texts say the same words, for every score that compares texts."""

from __future__ import annotations

import re
import string
from functools import lru_cache

import regex

from index.errors import EvaluationError

_QUOTES = {**dict.fromkeys("‘’‛′", "'"), **dict.fromkeys("“”„‟″«»", '"')}
_TYPEWRITER = str.maketrans({**_QUOTES, **dict.fromkeys("‐‑–—−", "-")})
# A bare dash would make a range of the characters around it in a set like [\s–—].
_IN_PATTERN = str.maketrans({**_QUOTES, **dict.fromkeys("‐‑–—−", r"\-")})
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = frozenset(string.punctuation)
_PATIENCE_SECONDS = 1.0  # what any sane pattern needs on a sentence is a thousandth of it


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


def is_pattern(key: str) -> bool:
    """Whether an expected answer is a regular expression.

    >>> is_pattern("/1,?200/"), is_pattern("1,200"), is_pattern("/")
    (True, False, False)
    """
    return len(key) > 2 and key.startswith("/") and key.endswith("/")


def says(text: str, key: str) -> bool:
    """Whether `text` says `key`: the words in any case, or a /regular expression/ that is found.

    A word or a number is not found inside a longer one.

    >>> says("It killed 1,200 people.", "1,200"), says("It killed 1,200 people.", "200")
    (True, False)
    >>> says("They won’t fight.", "/won't (fight|enter)/")
    True
    """
    try:
        return bool(pattern_of(key).search(plain(text), timeout=_PATIENCE_SECONDS))
    except TimeoutError as error:
        raise EvaluationError(
            f"The pattern {key} takes longer than {_PATIENCE_SECONDS:g} seconds on one sentence.",
            "Write it without a repeat inside a repeat, such as (a+)+.",
        ) from error


@lru_cache(maxsize=4096)
def pattern_of(key: str) -> regex.Pattern[str]:
    """What finds a key in plain text. regex.error when it is no regular expression."""
    # A pattern is not made `plain`: the space at its end is part of it.
    pattern = re.sub(r"\s+", " ", key[1:-1].translate(_IN_PATTERN))
    return regex.compile(pattern if is_pattern(key) else _whole(plain(key)), regex.IGNORECASE)


def stands_in(words: str, text: str) -> bool:
    """Whether plain `text` holds the plain `words`, not cut out of longer words or numbers; "" stands nowhere."""
    return bool(words) and words in text and bool(re.search(_whole(words), text))


def _whole(words: str) -> str:
    before = r"(?<!\w)" if re.match(r"\w", words) else ""
    before += r"(?<!\d[.,])" if words[0].isdigit() else ""
    after = r"(?!\w)" if re.match(r"\w", words[-1]) else ""
    after += r"(?![.,]\d)" if words[-1].isdigit() else ""
    return before + re.escape(words) + after
