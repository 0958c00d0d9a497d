"""The conversation as HTML: pure functions from plain values to strings.

Every word that comes from a person or an article goes through `html.escape`, quotes included: what
is shown is what was written, and nothing of it is markup. Ids are made of numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from html import escape

from rag.answer import Answer, Citation, Refusal, Statement, Turn
from rag.words import count_words, day_words
from web.contracts import LibraryFacts
from web.words import outlet_words, provenance_words

_OUTLETS_NAMED = 8
_LONGEST_WORD = 24
ADD_COMMAND = "python -m index add FOLDER"


class Stage(StrEnum):
    """Where a question is: being answered, at its end (or stopped), or failed."""

    WORKING = "working"
    ENDED = "ended"
    FAILED = "failed"


def render_welcome(facts: LibraryFacts) -> str:
    """The first screen: what Dateline does and what it can answer from."""
    promise = "Ask about the news in this library. Every sentence of the answer shows where it comes from."
    library = _render_library(facts) if facts.articles else _EMPTY_LIBRARY
    return f'<section class="dl-welcome"><p class="dl-promise">{promise}</p>{library}</section>'


_EMPTY_LIBRARY = (
    '<div class="dl-library"><h2>The library is empty</h2>'
    "<p>Add a folder of articles, then reload this page:</p>"
    f"<pre><code>{ADD_COMMAND}</code></pre></div>"
)


def _render_library(facts: LibraryFacts) -> str:
    figures = [count_words(facts.articles, "article")]
    if facts.outlets:
        figures.append(count_words(len(facts.outlets), "outlet"))
    if facts.earliest and facts.latest:
        figures.append(" to ".join(dict.fromkeys(day_words(day) for day in (facts.earliest, facts.latest))))
    return (
        f'<div class="dl-library"><h2>In the library</h2><p class="dl-figures">{" · ".join(figures)}</p>'
        f"{_render_outlets(facts.outlets)}</div>"
    )


def _render_outlets(outlets: Sequence[str]) -> str:
    if not outlets:
        return ""
    more = len(outlets) - _OUTLETS_NAMED
    names = ", ".join(outlets[:_OUTLETS_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    return f'<p class="dl-outlets" dir="auto">{escape(names)}</p>'


def render_notice(words: str) -> str:
    """A notice that is read out at once."""
    return f'<p class="dl-notice" role="alert">{escape(words)}</p>'


def render_live(html: str) -> str:
    """The present turn, read out as it grows. The element stays the same one from update to update."""
    return f'<div role="log" aria-live="polite" aria-label="Answer">{html}</div>'


def render_past(turns: Sequence[Turn]) -> str:
    """The turns before the present one, the oldest first."""
    return "".join(render_turn(turn, number, Stage.ENDED) for number, turn in enumerate(turns, start=1))


def render_turn(turn: Turn, number: int, stage: Stage, articles: int = 0) -> str:
    """One question with all that is known of its answer. `number` counts the questions from 1.

    `articles` is how many are being searched; it is said only while nothing else is known.
    """
    answer = turn.answer
    return (
        f'<article class="dl-turn" data-turn="{number}" data-stage="{stage}">'
        f'<h2 class="dl-question" dir="auto">{escape(turn.question)}</h2>'
        f"{_render_understood(turn.question, answer)}"
        f"{_render_answer(answer, number) if answer else ''}"
        f"{_render_stage(answer, stage, articles)}"
        "</article>"
    )


def _render_understood(question: str, answer: Answer | None) -> str:
    if answer is None or answer.standalone_question.strip() == question.strip():
        return ""
    return f'<p class="dl-understood" dir="auto">Understood as: {escape(answer.standalone_question)}</p>'


def _render_answer(answer: Answer, number: int) -> str:
    if answer.refusal:
        return _render_refusal(answer.refusal)
    if not answer.statements:
        return ""
    citations = {citation.number: citation for citation in answer.citations}
    prose = " ".join(_render_statement(s, citations, number) for s in answer.statements)
    provenance = _render_provenance(answer, number) if answer.complete else ""
    return f'<p class="dl-answer" dir="auto">{prose}</p>{provenance}'


def _render_statement(statement: Statement, citations: dict[int, Citation], number: int) -> str:
    """The sentence with its markers; the last word holds on to them, so that none begins a line."""
    last = statement.text.rfind(" ") + 1
    if len(statement.text) - last > _LONGEST_WORD:  # it must be free to break, or it runs over the margin
        last = len(statement.text)
    markers = "".join(_render_marker(citations[n], number) for n in statement.citations)
    return (
        f'<span class="dl-statement" data-verdict="{statement.verdict}">{_render_words(statement, 0, last)}'
        f'<span class="dl-tail">{_render_words(statement, last, len(statement.text))}{markers}</span></span>'
    )


def _render_words(statement: Statement, start: int, end: int) -> str:
    """The text of a statement from `start` to `end`, with the words that answer by themselves marked."""
    text = statement.text
    first, last = (min(max(place, start), end) for place in statement.span or (end, end))
    marked = f'<b class="dl-span">{escape(text[first:last])}</b>' if first < last else ""
    return f"{escape(text[start:first])}{marked}{escape(text[last:end])}"


def _render_marker(citation: Citation, number: int) -> str:
    article = citation.article
    name = f"Source {citation.number}: {outlet_words(article)}, {day_words(article.published)}"
    return (
        f'<button type="button" class="dl-marker" data-source="source-{number}-{citation.passage}" '
        f'data-quote="{citation.number}" aria-label="{escape(name)}">{citation.number}</button>'
    )


def _render_provenance(answer: Answer, number: int) -> str:
    words = provenance_words(citation.article for citation in answer.citations)
    return (
        f'<p class="dl-provenance">{escape(words)}'
        f'<button type="button" class="dl-all-sources" data-source="sources-{number}">Show sources</button>'
        "</p>"
    )


def _render_refusal(refusal: Refusal) -> str:
    nearest = ""
    if refusal.nearest:
        article = refusal.nearest
        about = f"{outlet_words(article)}, {day_words(article.published)}"
        nearest = (
            f'<dl><dt>Nearest article</dt><dd dir="auto"><cite>{escape(article.title)}</cite>'
            f"<br>{escape(about)}</dd></dl>"
        )
    return f'<div class="dl-refusal"><p class="dl-refusal-text" dir="auto">{escape(refusal.text)}</p>{nearest}</div>'


def _render_stage(answer: Answer | None, stage: Stage, articles: int) -> str:
    if stage is Stage.FAILED:
        return (
            '<div class="dl-failed"><p>Something went wrong here, and this question was not answered to its '
            "end. It is not lost: you can ask it again.</p></div>"
        )
    if answer and answer.complete:
        return ""
    words = _working_words(answer, articles) if stage is Stage.WORKING else _stopped_words(answer)
    return f'<p class="dl-progress">{words}</p>'


def _working_words(answer: Answer | None, articles: int) -> str:
    if answer is None or not answer.passages:
        return f"Searching {count_words(articles, 'article')}…"
    if answer.statements:
        return "Reading on…"
    found = len({passage.article.id for passage in answer.passages})
    return (
        f"Found {count_words(len(answer.passages), 'passage')} in {count_words(found, 'article')}. Reading…"
    )


def _stopped_words(answer: Answer | None) -> str:
    if answer and answer.statements:
        return "Stopped. There may be more to this answer."
    return "Stopped before there was an answer."
