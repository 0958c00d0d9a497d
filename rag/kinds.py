"""Kinds: what a question wants to hear, and whether a sentence holds something of that kind."""

from __future__ import annotations

import re
from enum import StrEnum

from rag.terms import is_english, names, words


class Kind(StrEnum):
    """What a question wants to hear."""

    PERSON = "person"
    TIME = "time"
    PLACE = "place"
    NUMBER = "number"
    REASON = "reason"
    SPEECH = "speech"
    OTHER = "other"


_SAY = (
    r"(?:say|tell|call|claim|announce|warn|state|respond|reply|deny|describe|argue|add|promise|demand|urge|ask"
    r"|reject|accuse|report)"
)
_SAID = (
    r"(?:said|says|saying|told|tells|called|calls|claimed|claims|announced|warned|stated|responded|replied|denied"
    r"|denies|described|argued|added|promised|demanded|urged|asked|rejected|accused|thanked|insisted|vowed"
    r"|rebuked|blamed|wrote|posted|reported)"
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
        r"\d+(?:[.,]\d+)*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|"
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


_UNNAMED_SPEAKER = re.compile(rf"(?<=\b[Ww]hat did )([a-z]{{3,30}}(?<!s))(?= {_SAY}\b)")


def name_the_speaker(question: str) -> str:
    """`question` with a capital for a speaker that was typed without, but not for several ("critics").

    >>> name_the_speaker("what did biden say about the meeting")
    'what did Biden say about the meeting'
    >>> name_the_speaker("What did police say?")
    'What did police say?'
    """
    return _UNNAMED_SPEAKER.sub(
        lambda match: match[0] if is_english(match[0]) else match[0].capitalize(), question
    )


_READ = 500  # characters of a question: what it wants stands there, and the patterns look ahead


def kind_of_answer(question: str) -> Kind:
    """What a question wants to hear, by its question word.

    >>> kind_of_answer("how many Israelis were killed")
    <Kind.NUMBER: 'number'>
    """
    return next((kind for kind, pattern in _KINDS if pattern.search(question[:_READ])), Kind.OTHER)


def has_shape_of(kind: Kind, sentence: str, question: str) -> bool:
    """Whether a sentence holds something of the kind that is asked for, which the question does not say itself.

    >>> has_shape_of(Kind.NUMBER, "The fire killed 12.", "How many people died in the 2021 fire?")
    True

    True for a kind that has no shape of its own. For speech it is the first one named who must be
    speaking, so that "an official said Khamenei pressed Haniyeh" is not what Khamenei told him.
    """
    if kind is Kind.SPEECH:
        return _speaks(question, sentence)
    if kind is Kind.PERSON:
        asked = set(words(question))
        return any(not set(words(name)) <= asked for name in names("· " + sentence))
    pattern = _ANSWER_SHAPES.get(kind)
    if pattern is None:
        return True
    said = [match.group().lower() for match in pattern.finditer(question)]
    return any(match.group().lower() not in said for match in pattern.finditer(sentence))


def _speaks(question: str, sentence: str) -> bool:
    """Whether the first one named in the question comes at most six words before a verb of saying, or after "said"."""
    name = next((words(name)[-1] for name in names(question) if words(name)), None)
    if name is None:
        return False
    # What parts words and what they are made of have no character in common: a row of dashes takes no time.
    between = r"(?:[\s,–—-]+[^\s.!?,–—-]+){0,6}?[\s,–—-]+"
    before_verb = rf"\b{re.escape(name)}\b(?:[’']s?)?{between}{_SAID}\b"
    after_said = rf"\b(?:said|added|says) (?:(?!that\b)\S+ )?{re.escape(name)}\b"
    return re.search(f"{before_verb}|{after_said}", sentence, re.IGNORECASE) is not None
