"""Terms: the words that a question or a sentence is about, its names, and the kind of answer it wants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

import simplemma

_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
# A name: capitalised words in a row, joined by small ones that names have inside ("Khatt-e-Hezbollah").
_NAME = re.compile(
    r"\b[A-ZÀ-ÞŞİĞČŠŽ][\w’'.-]*(?:\s+(?:al-|el-|de|del|van|von|bin|of|the)?\s*[A-ZÀ-ÞŞİĞČŠŽ0-9][\w’'.-]*)*"
)

# Words that say nothing of what is asked. Small on purpose: "no" and "not" are not among them.
STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "according",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "being",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "done",
        "ever",
        "for",
        "from",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "hers",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "may",
        "me",
        "might",
        "mine",
        "more",
        "most",
        "much",
        "must",
        "my",
        "of",
        "off",
        "on",
        "one",
        "or",
        "other",
        "our",
        "out",
        "over",
        "own",
        "please",
        "said",
        "say",
        "saying",
        "says",
        "shall",
        "she",
        "should",
        "so",
        "some",
        "such",
        "tell",
        "than",
        "that",
        "the",
        "their",
        "them",
        "themselves",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "told",
        "too",
        "under",
        "until",
        "up",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "whether",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "reportedly",
        "exactly",
        "actually",
        "really",
        "give",
        "know",
        "mean",
        "many",
        "long",
        "old",
        "far",
        "often",
    ]
)


class Kind(StrEnum):
    """What a question wants to hear."""

    PERSON = "person"
    TIME = "time"
    PLACE = "place"
    NUMBER = "number"
    REASON = "reason"
    SPEECH = "speech"
    OTHER = "other"


_SAY = r"(?:say|tell|call|claim|announce|warn|state|respond|reply|deny|describe|argue|add|promise|demand|urge|ask|reject|accuse)"
_SAID = (
    r"(?:said|says|saying|told|tells|called|calls|claimed|claims|announced|warned|stated|responded|replied|denied|denies|"
    r"described|argued|added|promised|demanded|urged|asked|rejected|accused|thanked|insisted|vowed|rebuked|blamed|wrote|posted)"
)

_KINDS: list[tuple[Kind, re.Pattern[str]]] = [
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in [
        (Kind.SPEECH, rf"\bwhat (?:else )?(?:did|does|do|has|have|had)\b.+\b{_SAY}\b"),
        (Kind.NUMBER, r"\bhow (?:many|much|long|old|often|far|high|large|big|tall|fast)\b|\b(?:what|which) (?:number|percent\w*|share|amount|sum|price|size|age)\b|\bwhat (?:did|does|do|will|would) .+ cost\b"),
        (Kind.TIME, r"\bwhen\b|\b(?:what|which) (?:day|date|month|year|time|hour|week)\b|\bsince when\b|\bhow (?:soon|late)\b"),
        (Kind.PLACE, r"\bwhere\b|\b(?:what|which) (?:city|country|town|place|village|state|region)\b"),
        (Kind.REASON, r"\bwhy\b|\bwhat (?:caused|reason|led)\b|\bhow come\b|\breason\b"),
        (Kind.PERSON, r"\bwho(?:m|se)?\b|\bwhich (?:person|man|woman|official|leader|politician|player|analyst|minister)\b"),
    ]
]  # fmt: skip

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_ANSWER_SHAPES = {
    Kind.NUMBER: re.compile(
        r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|"
        r"millions?|billions?|half|third|quarter|twice|double|several|few|none|nothing|free|majority)\b", re.IGNORECASE
    ),
    Kind.TIME: re.compile(
        rf"\b{_MONTH}\s+\d|\b\d{{1,2}}\s+{_MONTH}|\b[1-9]\d{{2,3}}s?\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
        rf"|\b(?:yesterday|today|tomorrow|tonight|centur(?:y|ies)|decades?|\d+\s?[ap]\.?m)\b|\b(?:early|late|mid|in|since|by|last|next|this)[- ](?:{_MONTH}|week|month|year|spring|summer|autumn|fall|winter|morning|evening|night)\b"
    ),
    Kind.PLACE: re.compile(r"\b(?:in|at|from|to|near|outside|inside|across|into|of)\s+(?:the\s+|central\s+|northern\s+|southern\s+|eastern\s+|western\s+)*[A-ZÀ-Þ]"),
    Kind.REASON: re.compile(
        r"\b(?:because|because of|due to|owing to|so that|in order to|after|as a result|since|over|for fear|citing|to avoid|so as to|led to|caused|blamed|unless)\b",
        re.IGNORECASE,
    ),
}  # fmt: skip


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


def kind_of_answer(question: str) -> Kind:
    """What a question wants to hear, by its question word.

    >>> kind_of_answer("how many Israelis were killed")
    <Kind.NUMBER: 'number'>
    """
    return next((kind for kind, pattern in _KINDS if pattern.search(question)), Kind.OTHER)


def has_shape_of(kind: Kind, sentence: str, question: str) -> bool:
    """Whether a sentence holds something of the kind that is asked for, which the question does not say itself.

    True for a kind that has no shape of its own. For speech it is the first one named who must be
    speaking, so that "an official said Khamenei pressed Haniyeh" is not what Khamenei told him.
    """
    if kind is Kind.SPEECH:
        return any(_speaks(words(name)[-1], sentence) for name in names(question)[:1] if words(name))
    if kind is Kind.PERSON:
        asked = set(words(question))
        return any(not set(words(name)) <= asked for name in names("· " + sentence))
    pattern = _ANSWER_SHAPES.get(kind)
    if pattern is None:
        return True
    asked_text = question.lower()
    return any(match.group().lower() not in asked_text for match in pattern.finditer(sentence))


_WORDS_BETWEEN = r"(?:[\s,–—-]+[^\s.!?]+){0,6}?[\s,–—-]+"


def _speaks(name: str, sentence: str) -> bool:
    """Whether the one with this last name comes shortly before a word of saying, or right after "said"."""
    pattern = rf"\b{re.escape(name)}\b(?:[’']s?)?{_WORDS_BETWEEN}{_SAID}\b|\b(?:said|added|says) (?:(?!that\b)\S+ )?{re.escape(name)}\b"
    return re.search(pattern, sentence, re.IGNORECASE) is not None
