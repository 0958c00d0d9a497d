"""Paragraphs to an Article: what head and tail of the page state, and the story between them."""

from __future__ import annotations

from index.article import Article
from index.errors import ReadError
from index.reading.agencies import cut_credit, dateline_credit
from index.reading.clutter import without_clutter
from index.reading.dates import date_line
from index.reading.fact_lines import copyright_owner, fact_line, is_bare_date
from index.reading.facts import Facts
from index.reading.keys import take_keys
from index.reading.shapes import is_headline, is_label, is_prose

_HEAD_PROSE = 3  # standfirst and captions may stand above the byline; a fourth paragraph is the story
_LONGEST_MENU = 12
_DATELINE_WITHIN = 6  # paragraphs
_FOOT = 12  # paragraphs at the end of a page among which its owner is named


def article(stated: Facts, paragraphs: list[str], name: str, path: str | None) -> Article:
    """The article of these paragraphs; what is `stated` outweighs what they say.

    Raises ReadError naming `name` where no story is left.
    """
    facts, story = take_keys(without_clutter(paragraphs))
    facts = stated.filled_from(facts)
    timeline = _has_several_days(story)
    facts, story = _take_head(facts, story, timeline)
    facts, story = _take_tail(facts, story, timeline)
    owners = filter(None, map(copyright_owner, paragraphs[-_FOOT:]))
    facts = facts.filled_from(Facts(outlet=next(owners, None)))
    credits = filter(None, map(dateline_credit, story[:_DATELINE_WITHIN]))
    facts = facts.filled_from(Facts(credit=next(credits, None)))
    if not story:
        raise ReadError(f"{name}: there is no story in it", "Paste the text of the article into the file.")
    return Article(
        text="\n\n".join(story),
        headline=facts.headline,
        outlet=facts.outlet,
        byline=facts.byline,
        section=facts.section,
        published=facts.published,
        modified=facts.modified,
        url=facts.url,
        credit=facts.credit,
        path=path,
    )


def _has_several_days(paragraphs: list[str]) -> bool:
    """Whether different days stand alone on lines: then they are a timeline's subheadings."""
    days = {found.published for found in map(date_line, paragraphs) if found and found.bare}
    return len(days) > 1


def _take_head(facts: Facts, paragraphs: list[str], timeline: bool) -> tuple[Facts, list[str]]:
    facts, paragraphs = _take_fact_lines(facts, paragraphs, timeline)
    at = _headline_at(facts.headline, paragraphs)
    if at is None:
        return facts, paragraphs
    # One label is the section; several are a menu, of which none says where the story belongs.
    section = paragraphs[0] if at == 1 else None
    return facts.filled_from(Facts(headline=paragraphs[at], section=section)), paragraphs[at + 1 :]


def _take_fact_lines(facts: Facts, paragraphs: list[str], timeline: bool) -> tuple[Facts, list[str]]:
    """The facts stated by whole lines down to where the story is under way, and the other paragraphs."""
    kept: list[str] = []
    prose = 0
    for number, paragraph in enumerate(paragraphs):
        found = _stated_by(paragraph, timeline)
        if found is not None:
            facts = facts.filled_from(found)
            continue
        kept.append(paragraph)
        prose += is_prose(paragraph)
        if prose > _HEAD_PROSE:
            return facts, kept + paragraphs[number + 1 :]
    return facts, kept


def _take_tail(facts: Facts, paragraphs: list[str], timeline: bool) -> tuple[Facts, list[str]]:
    """The facts stated behind the story, and the story without them."""
    story = list(paragraphs)
    while story and (found := _stated_by(story[-1], timeline)) is not None:
        facts = facts.filled_from(found)
        story.pop()
    if story:
        last, credit = cut_credit(story.pop())
        facts = facts.filled_from(Facts(credit=credit))
        story += [last] if last else []
    return facts, story


def _stated_by(paragraph: str, timeline: bool) -> Facts | None:
    return None if timeline and is_bare_date(paragraph) else fact_line(paragraph)


def _headline_at(known: str | None, paragraphs: list[str]) -> int | None:
    """The number of the paragraph that is the headline; only labels may stand before it."""
    labels = 0
    while labels < min(len(paragraphs), _LONGEST_MENU) and is_label(paragraphs[labels]):
        labels += 1
    if known is not None:
        return next((at for at, text in enumerate(paragraphs[: labels + 1]) if _same(text, known)), None)
    if labels < len(paragraphs) - 1 and is_headline(paragraphs[labels]):
        return labels
    return labels - 1 if 0 < labels < len(paragraphs) else None


def _same(one: str, other: str) -> bool:
    """Whether two headlines differ in nothing but case and punctuation."""
    return _letters(one) == _letters(other)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
