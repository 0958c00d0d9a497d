"""Tables: how a score is written, everywhere, and the scorecard as Markdown that a terminal can show too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import combining, east_asian_width

from rag.answer import escape_markdown
from rag.evaluation.measures import MEASURES
from rag.evaluation.scorecard import Scorecard
from rag.evaluation.statistics import Estimate
from rag.words import count_words

Scores = Mapping[str, Estimate]

GROUPS = {
    "Answers": ("right", "answer."),
    "Citations": ("citation.",),
    "Refusal": ("refusal.",),
    "Retrieval by article": ("article.",),
    "Retrieval by passage": ("passage.",),
    "News": ("news.",),
}
"""The groups of scores, in the order in which they are shown, and how the names of their scores begin."""

_COUNTS = frozenset({"answer.sentences", "answer.words"})
_INDICES = ("answer.f1", "answer.rouge_l", "refusal.aurc", ".mrr@10", ".ndcg@10", ".map")
_PERCENTILES = {"p50": "median", "p95": "95th percentile"}
_MACHINE = {
    "seconds": ("Whole run", "{:,.1f} s"),
    "questions_per_second": ("Questions a second", "{:,.2f}"),
    "peak_memory_mb": ("Peak memory", "{:,.0f} MB"),
}
_NAMED = 10  # failed questions that the first lines name

# Controls, surrogates, and what turns the direction of the text after it.
_UNSHOWABLE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    r"""`text` so that it can neither disturb a terminal nor reorder what stands around it.

    >>> shown("a\0b \u202egpj.exe")
    'a[U+0000]b [U+202E]gpj.exe'
    """
    return _UNSHOWABLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def formatted(name: str, value: float) -> str:
    """The value of a measure as it is shown: shares in percent, times in seconds, all else plain.

    >>> formatted("right", 0.82418), formatted("answer.f1", 0.19853), formatted("answer.words", 28.18)
    ('82.4 %', '0.199', '28.2')
    >>> formatted("seconds.total.p50", 0.1738)
    '0.174 s'
    """
    return _number(name, value) + _unit(name)


def signed(name: str, value: float) -> str:
    """A difference between two values of a measure, in the unit of `formatted`.

    >>> signed("right", 0.028), signed("answer.f1", -0.02), signed("right", 1e-17)
    ('+2.8', '−0.020', '0.0')
    """
    number = _number(name, value)
    if not float(number):
        return number.removeprefix("-")
    return number.replace("-", "−") if value < 0 else f"+{number}"


def interval(name: str, found: Estimate) -> str:
    """The 95 % interval, in the unit of `formatted`; empty where there is none.

    >>> interval("right", Estimate(0.5, 0.25, 0.75, 8))
    '25.0–75.0'
    """
    if found.low is None or found.high is None:
        return ""
    return f"{_number(name, found.low)}–{_number(name, found.high)}"


def label(name: str) -> str:
    """What to call a score.

    >>> label("refusal.rate"), label("seconds.retrieval.p95")
    ('Refused', 'Retrieval, 95th percentile')
    """
    if name in MEASURES:
        return MEASURES[name].label
    step, _, percentile = name.removeprefix("seconds.").rpartition(".")
    return f"{step.capitalize()}, {_PERCENTILES.get(percentile, percentile)}"


def grouped(scores: Scores) -> dict[str, dict[str, Estimate]]:
    """The scores by group, without the groups that have none."""
    found = {
        title: {name: scores[name] for name in MEASURES if name in scores and name.startswith(beginnings)}
        for title, beginnings in GROUPS.items()
    }
    return {title: group for title, group in found.items() if group}


def times(scores: Scores) -> dict[str, tuple[Estimate, Estimate]]:
    """The median and the 95th percentile of the seconds of each step."""
    steps = [
        name[len("seconds.") : -len(".p50")] for name in scores if re.fullmatch(r"seconds\..+\.p50", name)
    ]
    return {step: (scores[f"seconds.{step}.p50"], scores[f"seconds.{step}.p95"]) for step in steps}


def machine_rows(card: Scorecard) -> list[tuple[str, str]]:
    """What is known of the machine: a label and the value in words."""
    return [
        (words, how.format(value))
        for name, (words, how) in _MACHINE.items()
        if (value := card.machine.get(name)) is not None
    ]


def answer_words(answer: Mapping[str, Any]) -> str:
    """The answer as plain text with [1] markers; in a refusal, what it says."""
    if answer["refusal"]:
        return str(answer["refusal"]["text"])
    return " ".join(
        s["text"] + "".join(f" [{number}]" for number in s["citations"]) for s in answer["statements"]
    )


def markdown_cell(text: str) -> str:
    """The text of others on one line of Markdown, as it stands."""
    return escape_markdown(shown(" ".join(text.split())))


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An aligned table, numbers to the right; empty without rows."""
    if not rows:
        return ""
    widths = [max(3, *(_width(row[column]) for row in (header, *rows))) for column in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padding = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
        padded = [
            cells[0] + padding[0],
            *(space + cell for space, cell in zip(padding[1:], cells[1:], strict=True)),
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(header), line(rule), *map(line, rows)])


def markdown_report(card: Scorecard) -> str:
    """The scorecard as tables of GitHub's Markdown, whose columns line up in a terminal too."""
    tables = [
        _score_table(title, group)
        for title, group in grouped(card.scores).items()
        if not title.startswith("Retrieval")
    ]
    blocks = [
        _headlines(card),
        *tables,
        _retrieval_table(card.scores),
        _tag_table(card),
        _time_table(card.scores),
    ]
    blocks.append(" · ".join(f"{words}: {value}" for words, value in machine_rows(card)))
    return "\n\n".join(block for block in blocks if block)


def _number(name: str, value: float) -> str:
    if name.startswith("seconds.") or name.endswith(_INDICES):
        return f"{value:.3f}"
    return f"{value:.1f}" if name in _COUNTS else f"{100 * value:.1f}"


def _unit(name: str) -> str:
    if name.startswith("seconds."):
        return " s"
    return "" if name in _COUNTS or name.endswith(_INDICES) else " %"


def _headlines(card: Scorecard) -> str:
    asked = count_words(len(card.results), "question")
    right = card.scores.get("right")
    judged = f" of the {right.n} that say what is right" if right and right.n < len(card.results) else ""
    lines = [f"**{asked}: {_with_interval('right', right)} right{judged}**" if right else f"**{asked}**"]
    if card.failed:
        named = ", ".join(markdown_cell(one) for one in card.failed[:_NAMED])
        more = f" and {len(card.failed) - _NAMED} more" if len(card.failed) > _NAMED else ""
        lines.append(f"**{count_words(len(card.failed), 'question')} failed:** {named}{more}")
    if not card.complete:
        lines.append("**Stopped early:** the questions that were left are not in these scores.")
    return "  \n".join(lines)


def _score_table(title: str, scores: Scores) -> str:
    rows = [
        (label(name), formatted(name, found.value), interval(name, found), str(found.n))
        for name, found in scores.items()
    ]
    return markdown_table((title, "value", "95 %", "n"), rows)


def _retrieval_table(scores: Scores) -> str:
    """One row for each measure, one column for each thing it is measured by."""
    by = [kind for kind in ("article", "passage") if f"{kind}.map" in scores]
    names = dict.fromkeys(name.partition(".")[2] for name in MEASURES if name.startswith("article."))
    rows = [
        (
            label(f"article.{name}").removesuffix(" (article)"),
            *(_with_interval(f"{kind}.{name}", scores.get(f"{kind}.{name}")) for kind in by),
        )
        for name in names
    ]
    header = [f"by {kind}, n {scores[f'{kind}.map'].n}" for kind in by]
    return markdown_table(("Retrieval", *header), rows if by else [])


def _tag_table(card: Scorecard) -> str:
    rows = []
    for tag, scores in card.by_tag.items():
        n = sum(tag in result.asked.tags for result in card.results)
        found = [_with_interval(name, scores.get(name)) for name in ("right", "refusal.rate")]
        rows.append((markdown_cell(tag), str(n), *found))
    return markdown_table(("Tag", "n", "right", "refused"), rows)


def _time_table(scores: Scores) -> str:
    rows = [
        (markdown_cell(step.capitalize()), *(formatted("seconds.", found.value) for found in pair))
        for step, pair in times(scores).items()
    ]
    return markdown_table(("Time", "p50", "p95"), rows)


def _with_interval(name: str, found: Estimate | None) -> str:
    if found is None:
        return ""
    ends = interval(name, found)
    return formatted(name, found.value) + (f" [{ends}]" if ends else "")


def _width(text: str) -> int:
    """The columns that a terminal needs for the text."""
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)
