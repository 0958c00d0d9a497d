"""Tables: how a score is written, everywhere, and the scorecard as Markdown that a terminal can show too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import combining, east_asian_width

from rag.answer import escape_markdown
from rag.evaluation.measures import MEASURES
from rag.evaluation.retrieval_scores import CUTOFFS
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

_OF_TIMES = {"p50": "median", "p95": "95th percentile", "mean": "mean"}
_BY_TAG = {"right": "right", "refusal.rate": "refused", "seconds.total.p50": "time, median"}
_MACHINE = {
    "seconds": ("Whole run", "{:,.1f} s"),
    "questions_per_second": ("Questions a second", "{:,.2f}"),
    "peak_memory_mb": ("Peak memory", "{:,.0f} MB"),
}
_NAMED = 10  # failed questions, and files that could not be read, that the first lines name

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
    step, _, of_times = name.removeprefix("seconds.").rpartition(".")
    return f"{step.capitalize()}, {_OF_TIMES.get(of_times, of_times)}"


def meaning(name: str) -> str:
    """What a score says, in a few words, and when less of it is better.

    >>> meaning("refusal.false"), meaning("seconds.total.mean")
    ('answerable questions that are refused; lower is better', 'seconds for an answer; lower is better')
    """
    said = MEASURES[name].meaning if name in MEASURES else "seconds for an answer"
    return said + ("; lower is better" if better(name) == "lower" else "")


def better(name: str) -> str | None:
    """Which way a score is better: "higher", "lower", or None."""
    return MEASURES[name].better if name in MEASURES else "lower"


def unit(name: str) -> str:
    """The kind of a score's values: "share", "index", "count" or "seconds"; of one that is unknown, "share"."""
    if name.startswith("seconds."):
        return "seconds"
    return MEASURES[name].unit if name in MEASURES else "share"


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


def markdown_code(text: str) -> str:
    r"""The text of others as code on one line of Markdown: a terminal then shows no escapes.

    >>> print(markdown_code("../w/a_b.json"), markdown_code("a`b"))
    `../w/a_b.json` ``a`b``
    """
    plain = shown(" ".join(text.split())) or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def setting_words(value: object) -> str:
    """
    >>> setting_words({"top_k": 10, "questions": ["a.jsonl", "b.jsonl"], "model": None})
    'top_k: 10; questions: a.jsonl, b.jsonl; model: none'
    """
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {setting_words(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(setting_words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def some(names: Sequence[str], most: int) -> str:
    """The first of the names, at most so many, and how many more there are.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def asked_words(card: Scorecard) -> str:
    """How many questions were asked, of how many there are.

    >>> asked_words(Scorecard.of([], {"questions_total": 15}))
    '0 of the 15 questions'
    """
    asked, total = len(card.results), card.settings.get("questions_total")
    if isinstance(total, int) and total > asked:
        return f"{asked:,} of the {total:,} questions"
    return count_words(asked, "question")


def from_given(card: Scorecard) -> bool:
    """Whether the answers are from given passages, and nothing was searched for."""
    return bool(card.settings.get("passages") == "given")


def reach_words(card: Scorecard) -> str:
    """That nothing is found after the last passage, where retrieval is scored further than that; else empty."""
    if from_given(card) or not any(f"{kind}.map" in card.scores for kind in ("article", "passage")):
        return ""
    read = card.settings.get("top_k")
    if not isinstance(read, int):
        read = max((len(one.answer["passages"]) for one in card.results if one.answer), default=0)
    if not 0 < read < CUTOFFS[-1]:
        return ""
    return (
        f"The assistant reads {count_words(read, 'passage')}: what comes later is not found, "
        f"at {CUTOFFS[-1]} as at {read}."
    )


def left_out(card: Scorecard) -> list[str]:
    """The article files that could not be read."""
    files = card.settings.get("left_out")
    return [str(file) for file in files] if isinstance(files, list | tuple) else []


def unsourced_words(card: Scorecard) -> tuple[str, str] | None:
    """How many questions were left out because they name no sources, as a headline and its reason."""
    count = card.settings.get("unsourced")
    if not isinstance(count, int) or count < 1:
        return None
    are, they = ("was", "it names") if count == 1 else ("were", "they name")
    return f"{count_words(count, 'question')} {are} left out:", f"{they} no sources to answer from."


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
        reach_words(card),
        _tag_table(card),
        _time_table(card.scores),
    ]
    blocks.append(" · ".join(f"{words}: {value}" for words, value in machine_rows(card)))
    return "\n\n".join(block for block in blocks if block)


def _number(name: str, value: float) -> str:
    kind = unit(name)
    if kind == "share":
        return f"{100 * value:.1f}"
    return f"{value:.1f}" if kind == "count" else f"{value:.3f}"


def _unit(name: str) -> str:
    return {"share": " %", "seconds": " s"}.get(unit(name), "")


def _headlines(card: Scorecard) -> str:
    asked = asked_words(card) + (", from given passages" if from_given(card) else "")
    right = card.scores.get("right")
    judged = f" of the {right.n} that say what is right" if right and right.n < len(card.results) else ""
    lines = [f"**{asked}: {_with_interval('right', right)} right{judged}**" if right else f"**{asked}**"]
    if card.failed:
        named = some([markdown_cell(one) for one in card.failed], _NAMED)
        lines.append(f"**{count_words(len(card.failed), 'question')} failed:** {named}")
    if not card.complete:
        lines.append("**Stopped early:** the questions that were left are not in these scores.")
    if files := left_out(card):
        named = some([markdown_cell(file) for file in files], _NAMED)
        lines.append(f"**{count_words(len(files), 'article file')} could not be read:** {named}")
    if unsourced := unsourced_words(card):
        lines.append("**{}** {}".format(*unsourced))
    if measured := _measured(card):
        lines.append(measured)
    return "  \n".join(lines)


def _measured(card: Scorecard) -> str:
    """The main settings of the run, without those that are not known; empty when none is."""
    known = card.settings
    found = []
    if isinstance(articles := known.get("articles"), int):
        found.append(count_words(articles, "article"))
    if isinstance(model := known.get("embedding_model"), str):
        found.append(model.replace("\\", "/").rstrip("/").rpartition("/")[2])
    if isinstance(top_k := known.get("top_k"), int) and not from_given(card):
        found.append(count_words(top_k, "passage"))
    if isinstance(when := known.get("date"), str):
        found.append(when.partition("T")[0])
    files = known.get("questions")
    named = [markdown_code(str(file)) for file in files] if isinstance(files, list | tuple) else []
    if not (found or named):
        return ""
    begun = markdown_cell(f"Measured on {', '.join(found)}")  # as one: a day alone would look like a list
    return begun + (", " if found and named else " " if named else "") + ", ".join(named)


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
        found = [_with_interval(name, scores.get(name)) for name in _BY_TAG]
        rows.append((markdown_cell(tag), str(n), *found))
    return markdown_table(("Tag", "n", *_BY_TAG.values()), rows)


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
