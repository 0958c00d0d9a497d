"""How the page says outlets and verdicts; plain text, not yet HTML. Dates and numbers: `rag.words`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from index.article import Article, StatedTime
from rag.answer import Verdict
from rag.words import count_words

VERDICT_WORDS = {Verdict.VERBATIM: "Word for word from the article"}


def same_day(one: StatedTime | None, other: StatedTime | None) -> bool:
    """Whether both name the same day; two times that are not stated do."""

    def day(when: StatedTime | None) -> date | None:
        return when.date() if isinstance(when, datetime) else when

    return day(one) == day(other)


def outlet_words(article: Article) -> str:
    """Who published it; where that is not stated, the agency it came from, or that nothing is stated."""
    return article.outlet or article.credit or "outlet not stated"


def provenance_words(articles: Iterable[Article]) -> str:
    """How many articles and outlets stand behind an answer: `4 articles · 2 outlets, 1 not stated`."""
    by_id = {article.id: article for article in articles}
    outlets = {article.outlet for article in by_id.values() if article.outlet}
    unstated = sum(not article.outlet for article in by_id.values())
    named = count_words(len(outlets), "outlet") if outlets else "outlet not stated"
    others = f", {unstated} not stated" if outlets and unstated else ""
    return f"{count_words(len(by_id), 'article')} · {named}{others}"
