"""Terms: the words that a question or a sentence is about, and its names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import simplemma

_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
# A name: capitalised words in a row, joined by small ones that names have inside ("Khatt-e-Hezbollah").
_NAME = re.compile(
    r"\b[A-ZÀ-ÞŞİĞČŠŽ][\w’'.-]*(?:\s+(?:al-|el-|de|del|van|von|bin|of|the)?\s*[A-ZÀ-ÞŞİĞČŠŽ0-9][\w’'.-]*)*"
)

# Words that say nothing of what is asked. Small on purpose: "no" and "not" are not among them.
STOP_WORDS = frozenset(
    """a about according all also am an and any are as at be been being but by can could did do does done
    ever for from had has have having he her hers him his how i if in into is it its itself just may me might
    mine more most much must my of off on one or other our out over own please said say saying says shall she
    should so some such tell than that the their them themselves then there these they this those through to
    told too under until up us very was we were what when where whether which while who whom whose why will
    with would you your reportedly exactly actually really give know mean many long old far often
    """.split()
)


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without a possessive 's.

    >>> words("Hamas’ 1,200 fighters didn't deny Iran's report.")
    ['hamas', '1', '200', 'fighters', "didn't", 'deny', 'iran', 'report']
    """
    found = (match.group().lower().replace("’", "'") for match in _WORD.finditer(text))
    return [word.removesuffix("'s") for word in found]


@lru_cache(maxsize=50_000)
def lemma(word: str) -> str:
    """The dictionary form of an English word, so that "met" finds "meeting" no more but "meet".

    >>> lemma("met"), lemma("killed"), lemma("officials")
    ('meet', 'kill', 'official')
    """
    return simplemma.lemmatize(word, lang="en").lower()


def is_english(word: str) -> bool:
    """Whether a word, in any inflection, stands in the English dictionary.

    >>> is_english("ferries"), is_english("Hizbullah")
    (True, False)
    """
    return simplemma.is_known(word, lang="en")


def terms(text: str) -> list[str]:
    """The dictionary forms of the words of `text` that carry meaning, each once, in order.

    >>> terms("What did Khamenei reportedly tell Haniyeh?")
    ['khamenei', 'haniyeh']
    """
    return list(dict.fromkeys(lemma(word) for word in words(text) if word not in STOP_WORDS))


def names(text: str) -> list[str]:
    """The names in a question, in order: runs of capitalised words that are not its first word.

    >>> names("When did Ali Khamenei meet Haniyeh in Tehran?")
    ['Ali Khamenei', 'Haniyeh', 'Tehran']
    """
    found = []
    for match in _NAME.finditer(text):
        name = match.group().rstrip(".'’-")
        first, _, rest = name.partition(" ")
        if _starts_a_sentence(text, match.start()) and (first.lower() in STOP_WORDS or not rest):
            name = rest if first.lower() in STOP_WORDS else name
        name = re.sub(r"[’']s?$", "", name)
        if name and name.lower() not in STOP_WORDS:
            found.append(name)
    return found


def _starts_a_sentence(text: str, position: int) -> bool:
    before = text[:position].rstrip(" \"“‘'")
    return not before or before[-1] in ".!?:"


def restore_case(question: str, texts: Iterable[str]) -> str:
    """`question` with the capitals that its words always have in `texts`, if it was typed without any.

    >>> restore_case("what did khamenei tell haniyeh", ["The leader, Khamenei, met Ismail Haniyeh."])
    'what did Khamenei tell Haniyeh'
    """
    if any(character.isupper() for character in question[1:]):
        return question
    seen = {word for text in texts for word in _WORD.findall(re.sub(r"[’']s\b", "", text))}
    capitals = {
        word.lower(): word for word in seen if word[0].isupper() and word.lower() not in seen | STOP_WORDS
    }
    return _WORD.sub(lambda match: capitals.get(match.group().lower(), match.group()), question)
