"""What a web page puts around a story and a reader pastes along with it.

Only a whole line or paragraph is ever clutter, and only when it can be nothing else: to show a
button is a blemish, to lose a sentence of the story is a fault.
"""

from __future__ import annotations

import re

from index.reading.shapes import is_prose

_LONGEST = 300

_NETWORK = (
    r"(?:facebook|twitter|x|x \(formerly twitter\)|whatsapp|telegram|linkedin|instagram|youtube|tiktok"
    r"|reddit|pinterest|messenger|viber|flipboard|mastodon|bluesky|threads|rss|google news)"
)
_BUTTON = rf"(?:share|print|e-?mail|save|tweet|copy link|bookmark|listen|comments?|{_NETWORK})"
_BETWEEN = r"(?:\s?[,|•·/&+:]\s?|\s(?:and|on|via)\s|\s)"
_PAGE = r"(?:article|story|post|page|news|report|video)"
_REST = r"[^.!?\"“]{0,140}[.!?]?"  # the rest of one sentence that is not quoted in a story
_SIGN_UP = r"(?:sign up|subscribe|register)(?: now| today| here)?"
_AGES = r"(?:minute|hour|day|week|month|year)s?"

# One kind of clutter a line. A line of text is clutter when one of them is all of it.
_CLUTTER = rf"""
(?:re)?captcha\W{{0,5}}
please (?:complete|solve|enter|verify)(?: the| this)? captcha{_REST}
i[’']?m not a robot
verify (?:that )?you are (?:a )?human\.?

(?:do|did) you (?:like|enjoy) this {_PAGE}\?
was this {_PAGE} helpful\?
rate this {_PAGE}\W{{0,3}}

{_BUTTON}(?:{_BETWEEN}{_BUTTON}){{0,14}}\W{{0,3}}
(?:share|print|e-?mail|save|tweet|bookmark|listen to) this(?: {_PAGE})?(?: (?:on|via|with) {_REST})?\W{{0,3}}
(?:follow|find|join|like) us on {_NETWORK}\b{_REST}
follow us\W{{0,3}}

{_SIGN_UP},? (?:for|to|with) our {_REST}
{_SIGN_UP},? (?:for|to) (?:the |a )?(?:[\w’']+ ){{0,4}}(?:newsletters?|channel|updates|alerts)\b{_REST}
get (?:the|our) (?:latest|best|top|breaking|daily) [^.!?]{{0,100}}\binbox[.!]?
newsletters?
{_SIGN_UP}[.!]?
(?:sign|log) (?:in|out|up)(?:\s?[|/·•]\s?(?:sign up|subscribe|register|(?:sign|log) in)){{0,3}}
click here (?:to|for) [^.!?]{{1,80}}[.!]?
download (?:our|the) app{_REST}

(?:read|see) (?:more|also|next)(?: (?:on|about) [^.:]{{1,60}})?\s?:.{{0,250}}
(?:also read|related)\s?:.{{1,250}}
(?:also read|read more|read also|see also|more|related)\s?[:|»›…]?\.{{0,3}}
continue reading\W{{0,3}}
(?:story|article) continues below(?: this)?(?: advertisement)?\W{{0,3}}

advertisements?
advertising
(?:sponsored|promoted)(?: content)?
(?:we|this (?:web)?site) uses? cookies[^\"“]{{0,150}}\b(?:you|your|accept|agree|consent)\b[^\"“]{{0,80}}
by continuing to (?:use|browse)[^\"“]{{0,140}}\bcookies\b[^\"“]{{0,80}}
(?:accept|reject|allow|manage) (?:all |our )?cookies
(?:accept|reject|allow) all
cookie (?:policy|settings|notice|preferences)
privacy policy
terms (?:of|and) (?:use|service|conditions)
(?:about|contact) us
©.{{0,200}}
(?:copyright|\(c\)) (?:©|\(c\)|\d{{4}}).{{0,200}}
(?:.{{0,150}}\W)?all rights reserved\.?

skip to (?:main |the )?(?:content|navigation)
back to top
toggle (?:navigation|menu)
(?:open|main) menu
(?:menu|search|close|home)
loading(?:\.{{3}}|…)?

\d{{1,3}}[ -]min(?:ute)?s?\.? (?:read|watch|listen)
reading time:? \d{{1,3}} min(?:ute)?s?\.?
\d[\d,.]{{0,8}}[km]?\s(?:comments?|shares?|views|likes|replies)
comments? ?\(\d{{1,6}}\)
no comments(?: yet)?
(?:leave|post|add|write) a (?:comment|reply)
(?:view|show|hide)(?: all)? comments
join the conversation
comments (?:are|have been) closed\.?
(?:(?:published|posted|(?:last )?updated):? )?(?:an?|\d{{1,2}}) {_AGES} ago
(?:tags?|keywords|topics|filed under)\s?:[^.]{{1,200}}
"""

_OTHER_STORIES = r"""
(?:related|more|other|recommended|similar|popular) (?:articles?|stor(?:y|ies)|news|posts?|content|topics)
more (?:on|from) (?:this (?:story|topic|author)|the web)
you (?:may|might) (?:also )?(?:like|be interested in)
recommended(?: for you)?
most (?:read|popular|viewed)
trending(?: now)?
latest (?:news|stories|articles)
top stories
editor[’']?s?[’']? picks?
(?:what to )?read next
up next
don[’']t miss
"""


def _any_line_of(patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(filter(None, patterns.splitlines())), re.IGNORECASE)


_IS_CLUTTER = _any_line_of(_CLUTTER)
_HEADS_OTHER_STORIES = _any_line_of(_OTHER_STORIES)

_ROW = re.compile(r"\s?[|›»>•·]\s?")
_PLACES_ON_A_SITE = frozenset({
    "home", "news", "world", "politics", "business", "economy", "sport", "sports", "opinion", "culture",
    "tech", "technology", "science", "health", "video", "videos", "weather", "entertainment", "travel",
    "lifestyle", "arts", "more", "local", "national", "international", "middle east", "africa", "asia",
    "europe", "about", "contact", "search", "menu", "subscribe", "login", "live", "podcasts", "photos",
    "magazine", "latest",
})  # fmt: skip


def is_clutter(line: str) -> bool:
    """Whether the whole line belongs to the page and not to the story.

    >>> is_clutter("Print"), is_clutter("Share prices fell 3 percent.")
    (True, False)
    """
    if len(line) > _LONGEST:
        return False
    return (
        _IS_CLUTTER.fullmatch(line.strip()) is not None or _heads_other_stories(line) or _is_navigation(line)
    )


def without_clutter(paragraphs: list[str]) -> list[str]:
    """The paragraphs of the story and the lines that state something about it.

    The headlines of other stories at the end go with the line above them. A paragraph that
    repeats the one before it, as captions do, is kept once.
    """
    kept: list[str] = []
    for paragraph in _without_other_stories(paragraphs):
        if not is_clutter(paragraph) and paragraph not in kept[-1:]:
            kept.append(paragraph)
    return kept


def _without_other_stories(paragraphs: list[str]) -> list[str]:
    """All before a line such as "Related articles" that only short lines follow."""
    prose = [
        number
        for number, paragraph in enumerate(paragraphs)
        if is_prose(paragraph) and not is_clutter(paragraph)
    ]
    last = prose[-1] if prose else len(paragraphs)
    for number in range(last + 1, len(paragraphs)):
        if _heads_other_stories(paragraphs[number]):
            return paragraphs[:number]
    return paragraphs


def _heads_other_stories(line: str) -> bool:
    return len(line) <= _LONGEST and _HEADS_OTHER_STORIES.fullmatch(line.strip(" :›»")) is not None


def _is_navigation(line: str) -> bool:
    """Whether it is a row such as "Home | World | Sport" or "Home › News › Tehran"."""
    places = [place for place in _ROW.split(line.casefold()) if place]
    known = sum(place in _PLACES_ON_A_SITE for place in places)
    short = all(len(place.split()) <= 3 for place in places)
    if len(places) >= 2 and short:
        return known >= 2 or (known == 1 and places[0] == "home")
    words = line.casefold().split()
    return len(words) >= 3 and all(word in _PLACES_ON_A_SITE for word in words)
