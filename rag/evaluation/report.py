"""Report: the scorecard as one page that needs nothing else, with every question and its cited passages.

`environment` and `shown_result` serve the page of a comparison too.

Articles, answers and questions are hostile text: the template escapes whatever is put into it, and
`shown` makes controls visible before. The page loads nothing; of its scripts only its own may run.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from index.article import from_stated
from rag.evaluation import plots
from rag.evaluation.citation_scores import is_in_place
from rag.evaluation.measures import MEASURES
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.scorecard import Result, Scorecard
from rag.evaluation.statistics import Estimate
from rag.evaluation.tables import (
    Scores,
    asked_words,
    formatted,
    from_given,
    grouped,
    interval,
    label,
    left_out,
    machine_rows,
    meaning,
    reach_words,
    setting_words,
    shown,
    times,
    unit,
    unsourced_words,
)
from rag.words import count_words, day_words, web_host

VERDICTS = {
    "failed": "Failed",
    "wrong": "Wrong",
    "refused-wrongly": "Refused though answerable",
    "not-judged": "Not judged",
    "right": "Right",
    "refused-rightly": "Refused rightly",
}
"""What can become of a question, the worst first, and how the page says it."""

_FIRST = ("right", "refusal.recall", "citation.recall", "article.hits@5", "seconds.total.p50")
_BY_TAG = (
    *("right", "answer.key", "answer.evidence", "answer.f1", "citation.recall", "citation.sources"),
    *("refusal.rate", "article.hits@5", "passage.hits@5", "seconds.total.p50"),
)
_MOST = 1_000  # questions on the page; more would take a browser many seconds to open
_PLOTS = (
    (
        plots.retrieval_plot,
        "Retrieval by k",
        "Hits: questions with something wanted in the first k. Recall: share of all that is wanted.",
    ),
    (
        plots.risk_plot,
        "Risk and coverage",
        "How many are wrong when only the most confident answers are given. The area is the AURC.",
    ),
    (plots.time_plot, "Time by step", "Half of the questions take no longer than the median, 19 of 20 than the other."),
    (plots.f1_plot, "Token F1", "Words shared with the reference, by question."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as the page shows it: the passage cut at both ends of the quote.

    Where the offsets do not hold the quote, `in_place` is false, and `before` and `after` are empty.
    """

    number: int
    headline: str
    about: str
    url: str | None
    host: str | None
    before: str
    quote: str
    after: str
    in_place: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One question as the page shows it. `number` counts from 1 in the order in which they were asked."""

    number: int
    result: Result
    verdict: str
    cited: Sequence[Cited]
    expected: Mapping[str, Sequence[str]]


def html_report(card: Scorecard) -> str:
    """The whole page; it loads nothing, and can be read without its script.

    Of more than 1,000 questions it shows 1,000, the worst first, and says how many it leaves out.
    """
    template = environment().get_template("report.html")
    ended: dict[str, list[tuple[int, Result]]] = {verdict: [] for verdict in VERDICTS}
    for number, result in enumerate(card.results, start=1):
        ended[verdict_of(result)].append((number, result))
    worst = [one for found in ended.values() for one in found][:_MOST]
    asked = sorted((shown_result(*one) for one in worst), key=lambda one: one.number)
    figures = [(title, about, draw(card)) for draw, title, about in _PLOTS]
    return template.render(
        card=card,
        asked=asked,
        counts={verdict: len(found) for verdict, found in ended.items() if found},
        by_verdict={name: found for name in VERDICTS if (found := [a for a in asked if a.verdict == name])},
        failed=[one for one in asked if one.verdict == "failed"],
        asked_words=asked_words(card),
        from_given=from_given(card),
        left_out=left_out(card),
        unsourced=unsourced_words(card),
        reach=reach_words(card),
        settings={name: setting_words(value) for name, value in card.settings.items()},
        first={name: card.scores[name] for name in _FIRST if name in card.scores},
        groups=grouped(card.scores),
        tag_columns=[name for name in _BY_TAG if any(name in scores for scores in card.by_tag.values())],
        tag_counts={tag: sum(tag in r.asked.tags for r in card.results) for tag in card.by_tag},
        figures=[(title, about, Markup(svg)) for title, about, svg in figures if svg],
        times=times(card.scores),
        machine=machine_rows(card),
    )


def verdict_of(result: Result) -> str:
    """Which of VERDICTS a result is."""
    if result.error or result.answer is None:
        return "failed"
    if "right" not in result.scores:
        return "not-judged"
    if result.scores["right"] >= 1:
        return "refused-rightly" if result.answer["refused"] else "right"
    return "refused-wrongly" if result.answer["refused"] else "wrong"


def environment() -> Environment:
    """What renders the pages: it escapes whatever is put in, and makes its controls visible."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else shown(str(value)),
    )
    made.globals |= {
        "MEASURES": MEASURES,
        "VERDICTS": VERDICTS,
        "bar": _bar,
        "count_words": count_words,
        "formatted": formatted,
        "interval": interval,
        "label": label,
        "meaning": meaning,
    }
    made.filters["script_hash"] = lambda code: b64encode(sha256(code.encode()).digest()).decode()
    return made


def shown_result(number: int, result: Result) -> Shown:
    """The result with its verdict, its citations in their passages, and what was expected."""
    answer = result.answer
    passages = {passage["number"]: passage for passage in answer["passages"]} if answer else {}
    cited = [_cited(one, passages.get(one["passage"])) for one in answer["citations"]] if answer else []
    return Shown(number, result, verdict_of(result), cited, _expected(result.asked))


def _cited(citation: Mapping[str, Any], passage: Mapping[str, Any] | None) -> Cited:
    quote = citation["quote"]
    before = after = ""
    in_place = is_in_place(citation, passage)
    if passage and in_place:
        text = passage["text"]
        before = text[: citation["start"] - passage["start"]]
        after = text[citation["end"] - passage["start"] :]
    url = citation["url"]
    host = web_host(url) if url and shown(url) == url else None  # what `shown` changes would lead elsewhere
    return Cited(
        number=citation["number"],
        headline=citation["headline"] or "Untitled article",
        about=_about(citation),
        url=url if host else None,
        host=host,
        before=before,
        quote=quote,
        after=after,
        in_place=in_place,
    )


def _about(citation: Mapping[str, Any]) -> str:
    outlet = citation["outlet"] or citation["credit"] or "outlet not stated"
    return f"{outlet} · {_day(citation['published'])}"


def _day(text: str | None) -> str:
    """What a citation states of its day, in words where it can be read.

    >>> _day("2023-11-05T10:00:00+00:00"), _day("soon"), _day(None)
    ('5 November 2023', 'soon', 'date not stated')
    """
    try:
        return day_words(from_stated(text))
    except ValueError:
        return str(text)


def _expected(asked: EvalQuestion) -> dict[str, Sequence[str]]:
    """What the question says of its answer, by what it is called on the page."""
    which = "All of" if asked.match == "all" else "Any of" if len(asked.answers) > 1 else "It says"
    found: dict[str, Sequence[str]] = {
        "Answer": ["A refusal: the articles do not answer it."] if asked.answerable is False else [],
        which: asked.answers,
        "Reference": asked.references,
        "Evidence": asked.evidence,
        "Sources": [" or ".join(group) for group in asked.source_groups],
        "Relevant": asked.relevant,
        "Hedge": asked.hedges,
        "Denial": asked.denials,
        "Copies": [" = ".join(group) for group in asked.copies],
        "Asked on": [day_words(asked.as_of)] if asked.as_of else [],
    }
    return {name: items for name, items in found.items() if items}


def _bar(name: str, found: Estimate, scores: Scores) -> Markup:
    """The interval drawn on a line from 0 to 1, for times from 0 to the longest; empty for counts."""
    top = 1.0
    if name.startswith("seconds."):
        top = max(
            (one.high or one.value for n, one in scores.items() if n.startswith("seconds.")), default=0.0
        )
    elif unit(name) == "count":
        return Markup("")
    if not top:
        return Markup("")
    place = 100 * found.value / top
    ends = "" if found.low is None or found.high is None else (
        f'<rect class="ends" x="{100 * found.low / top:.1f}" y="3.5" '
        f'width="{max(1.0, 100 * (found.high - found.low) / top):.1f}" height="5"/>'
    )  # fmt: skip
    return Markup(  # numbers only
        '<svg class="bar" viewBox="-2 0 104 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="M0 6H100"/>{ends}<rect class="value" x="{place - 1:.1f}" y="1" width="2" height="10"/></svg>'
    )
