"""Comparison report: two runs side by side, as Markdown for a terminal or a pull request, and as one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.comparing import Comparison
from rag.evaluation.report import Shown, environment, shown_result
from rag.evaluation.scorecard import Result
from rag.evaluation.statistics import Difference
from rag.evaluation.tables import (
    answer_words,
    better,
    formatted,
    label,
    markdown_cell,
    markdown_code,
    markdown_table,
    setting_words,
    signed,
    some,
)
from rag.words import count_words

_SIGNIFICANT = 0.05
_NAMED = 20  # questions with other words that are named in Markdown
_UNCHANGED = 12  # scores that did not change that are named in Markdown
_OTHER = "Other misses"
_LONGEST = 200  # letters of an answer in Markdown


@dataclass(frozen=True, slots=True)
class Row:
    """A score that changed, in words. `verdict` is what the second run is in it: better, worse, or "".

    `few` is whether so few questions changed that no difference could be more than chance; then `p` says so.
    """

    name: str
    before: str
    after: str
    difference: str
    verdict: str
    interval: str
    changed: str
    p: str
    few: bool


def markdown_comparison(found: Comparison, before: str, after: str) -> str:
    """The comparison as GitHub's Markdown; `before` and `after` name the two runs."""
    title, detail = _headline(found)
    lines = [f"**{title}**, {detail}", f"A: {markdown_code(before)} · B: {markdown_code(after)}"]
    if settings := _settings(found):
        lines.append("Settings: " + "; ".join(markdown_cell(f"{n}: {a} → {b}") for n, a, b in settings))
    warnings = "\n".join(f"- **Note:** {markdown_cell(warning)}" for warning in found.warnings)
    blocks = [
        "  \n".join(lines),
        warnings,
        _score_table(found),
        f"Unchanged: {some(list(map(label, same)), _UNCHANGED)}." if (same := _unchanged(found)) else "",
        _note(found),
    ]
    for heading, pairs in _changes(found).items():
        blocks += [f"### {heading} ({len(pairs)})", *map(_side_by_side, pairs)]
    if found.reworded:
        blocks += [
            f"### Other words ({len(found.reworded)})",
            some([markdown_cell(one.id) for one, _ in found.reworded], _NAMED),
        ]
    return "\n\n".join(block for block in blocks if block)


def html_comparison(found: Comparison, before: str, after: str) -> str:
    """The comparison as one page that loads nothing and has no script; see `report` for what is escaped."""
    title, detail = _headline(found)
    changes: dict[str, list[tuple[int, list[Shown]]]] = {}
    number = 0
    for heading, pairs in _changes(found).items():
        changes[heading] = []
        for pair in pairs:
            number += 1
            changes[heading].append((number, [shown_result(number, result) for result in pair]))
    return (
        environment()
        .get_template("comparison.html")
        .render(
            title=title,
            detail=detail,
            before=before,
            after=after,
            found=found,
            settings=_settings(found),
            rows=_rows(found),
            unchanged=_unchanged(found),
            note=_note(found),
            changes=changes,
        )
    )


def _changes(found: Comparison) -> dict[str, Sequence[tuple[Result, Result]]]:
    """What is shown side by side, by its heading."""
    changes: dict[str, Sequence[tuple[Result, Result]]] = {}
    if "right" in found.differences:
        changes |= {"Lost": found.lost, "Gained": found.gained}
    return changes | ({_OTHER: found.missed_otherwise} if found.missed_otherwise else {})


def _settings(found: Comparison) -> list[tuple[str, str, str]]:
    """The settings that differ, and both of their values in words."""
    return [
        (name.replace("_", " "), setting_words(before), setting_words(after))
        for name, (before, after) in found.settings.items()
    ]


def _headline(found: Comparison) -> tuple[str, str]:
    """What became of the questions that are right, and how sure that is: two parts of one sentence."""
    right = found.differences.get("right")
    if right is None:
        if found.differences:
            return "Right: not known", "as no question that both runs asked says what is right."
        return "Nothing to compare", "as no question has a score in both runs."
    over = f"over {count_words(right.n, 'question')}"
    if not right.changed:
        both = formatted("right", right.before)
        return f"Right: {both} in both runs", f"{over}: none was lost, none gained."
    title = f"Right: {formatted('right', right.before)} → {formatted('right', right.after)}"
    size = f"{signed('right', right.value)} points"
    if right.least_p > _SIGNIFICANT:
        return title, f"{size} {over}: only {right.changed} changed, too few to tell from chance."
    judged = "no more than chance could do"
    if right.p <= _SIGNIFICANT:
        judged = f"{_verdict('right', right)} by more than chance"
    ends = f" {interval}" if (interval := _interval("right", right)) else ""
    return title, f"{size}{ends}, p {_p_words(right.p)} {over}: {judged}."


def _rows(found: Comparison) -> list[Row]:
    return [
        Row(
            name=name,
            before=formatted(name, one.before),
            after=formatted(name, one.after),
            difference=signed(name, one.value),
            verdict=_verdict(name, one),
            interval=_interval(name, one),
            changed=f"{one.changed:,} of {one.n:,}",
            p=f"too few changes ({one.changed})" if few else _p_words(one.p).removeprefix("= "),
            few=few,
        )
        for name, one in found.differences.items()
        if one.changed
        for few in [one.least_p > _SIGNIFICANT]
    ]


def _unchanged(found: Comparison) -> list[str]:
    return [name for name, one in found.differences.items() if not one.changed]


def _verdict(name: str, one: Difference) -> str:
    if better(name) is None or not one.value:
        return ""
    return "better" if (one.value > 0) == (better(name) == "higher") else "worse"


def _interval(name: str, one: Difference) -> str:
    """The 95 % interval; empty where too few changed: resampling would seem surer of them than the test is.

    Empty too where all changed by as much: resampling would find no doubt.
    """
    if one.low is None or one.high is None or one.least_p > _SIGNIFICANT:
        return ""
    return "[{}, {}]".format(*(signed(name, end).removeprefix("+") for end in (one.low, one.high)))


def _p_words(p: float) -> str:
    """
    >>> _p_words(0.62), _p_words(0.0314), _p_words(0.0002)
    ('= .62', '= .031', '< .001')
    """
    if p < 0.001:
        return "< .001"
    return f"= {p:.2f}" if p >= 0.995 else f"= {p:.{3 if p < 0.1 else 2}f}".replace("0.", ".", 1)


def _note(found: Comparison) -> str:
    """How to read the table; empty where it has no rows."""
    if not any(one.changed for one in found.differences.values()):
        return ""
    return (
        "p: how often a difference at least as large comes about when the two answers of each question are "
        "swapped at random; fewer than 6 changes can never make it less than .05. It is not corrected for the "
        f"{count_words(len(found.differences), 'score')} compared: of 20 that only chance moves, about one "
        "falls below .05. Differences of percentages are in points."
    )


def _score_table(found: Comparison) -> str:
    rows = [
        (label(r.name), r.before, r.after, r.difference, r.verdict or "–", r.interval, r.changed, r.p)
        for r in _rows(found)
    ]
    return markdown_table(("Score", "A", "B", "B − A", "B is", "95 %", "changed", "p"), rows)


def _side_by_side(pair: tuple[Result, Result]) -> str:
    asked = pair[0].asked
    rows = [[_said(result) for result in pair]]
    if any(result.missed for result in pair):
        rows.append([f"Missed: {_missed(result)}" for result in pair])
    cells = [" | ".join(markdown_cell(_shortened(text)) for text in row) for row in rows]
    return "\n".join(
        [
            f"**{markdown_cell(asked.id)}** {markdown_cell(asked.question)}\n",
            "| A | B |\n| --- | --- |",
            *(f"| {row} |" for row in cells),
        ]
    )


def _said(result: Result) -> str:
    return answer_words(result.answer) if result.answer else f"Failed: {result.error or 'no answer'}"


def _missed(result: Result) -> str:
    return " ".join(result.missed) or ("nothing" if result.answer else "not known")


def _shortened(text: str) -> str:
    """At most _LONGEST letters, cut between words where there are any, and an ellipsis for the rest.

    >>> _shortened("far " * 50 + "away")[-9:], len(_shortened("x" * 500))
    ('far far …', 202)
    """
    words = " ".join(text.split())
    if len(words) <= _LONGEST:
        return words
    return f"{words[: _LONGEST + 1].rpartition(' ')[0] or words[:_LONGEST]} …"
