"""News agencies, and the ways in which an article says that its copy is theirs."""

from __future__ import annotations

import re

from index.reading.shapes import LONGEST_LINE

# Only names that are agencies and little else: a wrong credit makes two stories one.
_AGENCIES = frozenset(
    """
    AP|Associated Press|AFP|Agence France-Presse|Reuters|Thomson Reuters|dpa|DPA|PA|PA Media
    Press Association|UPI|United Press International|Bloomberg|Bloomberg News|Xinhua|Xinhua News Agency
    TASS|Interfax|RIA Novosti|ANSA|EFE|Kyodo|Kyodo News|Jiji|Jiji Press|Yonhap|Yonhap News Agency|NAN
    News Agency of Nigeria|IRNA|ISNA|Anadolu|Anadolu Agency|AA|WAFA|PTI|Press Trust of India|ANI|IANS
    Canadian Press|AAP|Bernama|Antara|Lusa|Belga|ANP|NTB|Ritzau|APA|PAP|CTK|MTI|Ukrinform|KUNA|WAM|SANA
    """.strip()
    .replace("\n    ", "|")
    .split("|")
)
# Short names are compared as they are written: "pa" and "mena" are words.
_FOLDED = frozenset(name.casefold() for name in _AGENCIES if len(name) > 4)

_SEPARATORS = re.compile(r"\s*[/,&]\s*|\s+and\s+")
_LEAD_IN = re.compile(
    r"(?:with (?:\w+ )?(?:inputs?|files|material|reporting) from|with|via|source:)\s+", re.IGNORECASE
)
_AT_END = re.compile(r"\s*[(\[]([^()\[\]]{2,60})[)\]]\.?$")
_LONGEST_ENDING = 80
# "BEIRUT, Nov 15 (Reuters) - " or "TEHRAN (AFP) —" or "(Reuters) - ".
_DATELINE = re.compile(r"([^()]{0,60})\(([^()]{2,40})\)\s{0,2}(?:--?|–|—|:)\s")


def is_agency(name: str) -> bool:
    """Whether this is the name of a news agency.

    >>> is_agency("the Associated Press"), is_agency("AP"), is_agency("ap")
    (True, True, False)
    """
    bare = _without_article(name)
    return bare in _AGENCIES or bare.casefold() in _FOLDED


def credit(text: str) -> str | None:
    """The agencies that the text names and does nothing but name, as written; else None.

    A newspaper of one word beside an agency is kept, as it is part of what is credited.

    >>> credit("Reuters/NAN"), credit("with inputs from AFP"), credit("AP Photo")
    ('Reuters/NAN', 'AFP', None)
    """
    if len(text) > LONGEST_LINE:
        return None
    named = _without_article(_LEAD_IN.sub("", text.strip(), count=1))
    parts = _SEPARATORS.split(named)
    if not any(is_agency(part) for part in parts):
        return None
    return named if all(is_agency(part) or (part.isalpha() and part[0].isupper()) for part in parts) else None


def cut_credit(paragraph: str) -> tuple[str, str | None]:
    """The last paragraph without the agency in brackets at its end, and that agency.

    >>> cut_credit("The talks failed. (Reuters)")
    ('The talks failed.', 'Reuters')
    """
    ending = paragraph[-_LONGEST_ENDING:]
    match = _AT_END.search(ending)
    found = credit(match[1]) if match else None
    if match is None or found is None:
        return paragraph, None
    return paragraph[: len(paragraph) - len(ending) + match.start()].rstrip(), found


def dateline_credit(paragraph: str) -> str | None:
    """The agency named in a dateline with which the paragraph begins.

    >>> dateline_credit("BEIRUT, Nov 15 (Reuters) - The talks failed.")
    'Reuters'
    """
    match = _DATELINE.match(paragraph)
    if match is None:
        return None
    place = match[1].strip()
    # A place begins in capitals; anything else before the bracket is a sentence.
    begins_as_place = not place or place.split(",")[0].split()[:1] == place.split(",")[0].upper().split()[:1]
    return credit(match[2]) if begins_as_place else None


def _without_article(name: str) -> str:
    name = name.strip()
    return name[4:].lstrip() if name[:4].casefold() == "the " else name
