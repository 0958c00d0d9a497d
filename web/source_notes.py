"""The sources beside the conversation as HTML; the same promise of escaping as in `rendering`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from index.article import Article, StatedTime, stated
from rag.answer import Answer, Citation, Passage, Turn
from rag.words import count_words, day_words, web_host
from web.words import VERDICT_WORDS, outlet_words, same_day

NO_SOURCES = (
    '<p class="dl-no-sources">Each sentence of an answer ends in a number. The number opens its source here: '
    "the article, the day, and the words it rests on.</p>"
)


def render_past_sources(turns: Sequence[Turn]) -> str:
    """The sources of earlier turns, the latest first, because the present turn stands above them."""
    numbered = reversed(list(enumerate(turns, start=1)))
    return "".join(render_sources(turn, number) for number, turn in numbered)


def render_sources(turn: Turn, number: int) -> str:
    """The sources of one turn: the passages cited, then those only read. Empty without passages."""
    answer = turn.answer
    if answer is None or not answer.passages or answer.refused:
        return ""
    passages = {passage.number: passage for passage in answer.passages}
    cited = "".join(
        f"<li>{_render_cited(passages[passage], citations, answer, number)}</li>"
        for passage, citations in _by_passage(answer.citations).items()
    )
    return (
        f'<section class="dl-notes" id="sources-{number}" aria-label="Sources for question {number}" '
        f'tabindex="-1"><p class="dl-notes-for" dir="auto">{escape(turn.question)}</p>'
        f"{f'<ol>{cited}</ol>' if cited else ''}{_render_also_read(answer)}</section>"
    )


def _by_passage(citations: Sequence[Citation]) -> dict[int, list[Citation]]:
    """The citations of each passage, in the order in which the answer first cites it."""
    found: dict[int, list[Citation]] = {}
    for citation in citations:
        found.setdefault(citation.passage, []).append(citation)
    return found


def _render_cited(passage: Passage, citations: Sequence[Citation], answer: Answer, number: int) -> str:
    cited = {citation.number for citation in citations}
    verdicts = {statement.verdict for statement in answer.statements if cited & set(statement.citations)}
    checked = "".join(f'<p class="dl-verdict">{escape(VERDICT_WORDS[v])}</p>' for v in sorted(verdicts))
    numbers = "".join(f'<span class="dl-number" data-quotes="{n}">{n}</span>' for n in sorted(cited))
    return (
        f'<details class="dl-source" name="dl-source" id="source-{number}-{passage.number}">'
        f'<summary><span class="dl-numbers">{numbers}</span>{_render_head(passage.article)}</summary>'
        f'<div class="dl-body">{_render_credits(passage.article)}{_render_passage(passage, citations)}'
        f"{checked}{_render_link(passage.article)}</div></details>"
    )


def _render_also_read(answer: Answer) -> str:
    cited = {citation.passage for citation in answer.citations}
    others = [passage for passage in answer.passages if passage.number not in cited]
    if not others:
        return ""
    words = count_words(len(others), "more passage" if cited else "passage")
    items = "".join(f"<li>{_render_read(passage)}</li>" for passage in others)
    return (
        f'<details class="dl-also"><summary>{words} read{", not cited" if answer.complete else ""}</summary>'
        f"<ul>{items}</ul></details>"
    )


def _render_read(passage: Passage) -> str:
    return (
        f'<details class="dl-source" name="dl-source"><summary>{_render_head(passage.article)}</summary>'
        f'<div class="dl-body">{_render_credits(passage.article)}{_render_passage(passage, ())}'
        f"{_render_link(passage.article)}</div></details>"
    )


def _render_head(article: Article) -> str:
    return (
        f'<span class="dl-head"><span class="dl-headline" dir="auto">{escape(article.title)}</span>'
        f'<span class="dl-meta"><bdi>{escape(outlet_words(article))}</bdi> · {_render_day(article.published)}'
        "</span></span>"
    )


def _render_day(when: StatedTime | None) -> str:
    words = escape(day_words(when))
    return f'<time datetime="{escape(stated(when) or "")}">{words}</time>' if when else words


def _render_credits(article: Article) -> str:
    lines = []
    if article.byline:
        by = "" if article.byline.lower().startswith("by ") else "By "
        lines.append(f"{by}<bdi>{escape(article.byline)}</bdi>")
    if article.credit and article.credit != outlet_words(article):
        lines.append(f"Copy from <bdi>{escape(article.credit)}</bdi>")
    elif article.credit and not article.outlet:
        lines.append("Agency copy, outlet not stated")
    if article.modified and not same_day(article.modified, article.published):
        lines.append(f"Updated {_render_day(article.modified)}")
    return f'<p class="dl-credits">{" · ".join(lines)}</p>' if lines else ""


def _render_passage(passage: Passage, citations: Sequence[Citation]) -> str:
    """The passage with every quoted span marked; an ellipsis where the article goes on beyond it."""
    opening = "… " if passage.chunk.start > 0 else ""
    closing = " …" if passage.chunk.end < len(passage.article.text) else ""
    text = _mark_quotes(passage, citations)
    return f'<blockquote class="dl-passage" dir="auto">{opening}{text}{closing}</blockquote>'


def _mark_quotes(passage: Passage, citations: Sequence[Citation]) -> str:
    """Quotes may overlap, and markup may not: cut at every edge, then name the quotes of each piece."""
    chunk = passage.chunk
    spans = [(c.start - chunk.start, c.end - chunk.start, c.number) for c in citations]
    edges = {edge for start, end, _ in spans for edge in (start, end)}
    pieces = []
    for start, end in pairwise(sorted({0, len(chunk.text), *edges})):
        piece = escape(chunk.text[start:end])
        quotes = " ".join(str(n) for opens, closes, n in spans if opens <= start and end <= closes)
        pieces.append(f'<mark data-quotes="{quotes}">{piece}</mark>' if quotes else piece)
    return "".join(pieces)


def _render_link(article: Article) -> str:
    host = web_host(article.url)
    if not article.url or not host:
        return ""
    return (
        f'<p class="dl-link"><a href="{escape(article.url)}" target="_blank" rel="noopener noreferrer">'
        f'Read the article at {escape(host)}<span class="dl-hidden"> (opens in a new tab)</span></a></p>'
    )
