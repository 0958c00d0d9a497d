"""Plots: retrieval by k, risk and coverage, time by step, and token F1, as inline SVG drawn by matplotlib.

The colours are CSS variables (`--ink`, `--muted`, `--rule`, `--edge`, `--accent`, `--paper`), so that a
page can change them; the text is text. The same scorecard always gives the same SVG.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.evaluation.refusal_scores import area_under_risk, risk_coverage
from rag.evaluation.retrieval_scores import CUTOFFS
from rag.evaluation.scorecard import Scorecard, confidences
from rag.evaluation.tables import formatted, shown, times
from rag.words import count_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Matplotlib knows no CSS variables: it draws in these, which are replaced in the SVG.
_INK, _MUTED, _RULE, _EDGE, _ACCENT, _PAPER = (f"#0a0b0{digit}" for digit in range(1, 7))
_VARIABLES = dict(
    zip(
        (_INK, _MUTED, _RULE, _EDGE, _ACCENT, _PAPER), "ink muted rule edge accent paper".split(), strict=True
    )
)
_INCHES = (4.6, 3.0)
_RANKS = range(1, 11)
_BINS = 10
_LONGEST = 20  # letters of a step's name: a server may call its steps what it likes
_KINDS = {"article": _ACCENT, "passage": _INK}
_LEGEND: dict[str, Any] = {
    "fontsize": 9,
    "labelcolor": _INK,
    "facecolor": _PAPER,
    "edgecolor": "none",
    "framealpha": 1,
}


def retrieval_plot(card: Scorecard) -> str | None:
    """Hits@k for every k to 10 (from the ranks behind MRR@10), and Recall@k where it is measured."""
    drawn = {kind: colour for kind, colour in _KINDS.items() if f"{kind}.mrr@10" in card.scores}
    if not drawn:
        return None
    axes = _axes()
    for kind, colour in drawn.items():
        axes.plot(_RANKS, _hits(card, kind), color=colour, label=f"Hits, {kind}", linewidth=1.6)
        recall = [card.scores[f"{kind}.recall@{k}"].value for k in CUTOFFS]
        axes.plot(CUTOFFS, recall, ":", color=colour, marker="o", mfc=_PAPER, ms=5, label=f"Recall, {kind}")
    axes.set(xlim=(0.7, 10.3), ylim=(0, 1.04), xticks=_RANKS, xlabel="k")
    _percent(axes, "y")
    axes.legend(loc="lower right", ncols=len(drawn), **_LEGEND)
    hits = ", ".join(f"{kind} {formatted('right', _hits(card, kind)[0])}" for kind in drawn)
    return _svg(axes, "retrieval", f"Retrieval by k. Hits@1: {hits}.")


def risk_plot(card: Scorecard) -> str | None:
    """The risk-coverage curve, and the risk of answering all in any order; None without confidences."""
    confident = confidences(card.results)
    if not confident:
        return None
    coverages, risks = risk_coverage(np.asarray(confident, float))
    axes = _axes()
    x, y = np.append(0.0, coverages), np.append(risks[0], risks)
    axes.fill_between(x, y, step="pre", color=_ACCENT, alpha=0.14, linewidth=0)
    axes.plot(x, y, color=_ACCENT, drawstyle="steps-pre", linewidth=1.6, label="most confident first")
    axes.axhline(risks[-1], color=_MUTED, linestyle=":", linewidth=1.2, label="in any order")
    axes.set(xlim=(0, 1), ylim=(0, max(0.1, 1.4 * float(max(risks)))))
    axes.set(xlabel="coverage: answers given", ylabel="risk: share wrong")
    _percent(axes, "x")
    _percent(axes, "y")
    axes.legend(loc="upper left", **_LEGEND)
    area = formatted("refusal.aurc", area_under_risk(np.asarray(confident, float)))
    return _svg(axes, "risk", f"Risk and coverage of {count_words(len(confident), 'answer')}. AURC {area}.")


def time_plot(card: Scorecard) -> str | None:
    """The median and the 95th percentile of the time of each step."""
    steps = times(card.scores)
    if not steps:
        return None
    axes = _axes()
    places = range(len(steps))
    medians = [p50.value for p50, _ in steps.values()]
    slow = [p95.value for _, p95 in steps.values()]
    axes.hlines(places, medians, slow, color=_EDGE, linewidth=1.4, zorder=1)
    axes.plot(medians, places, "o", color=_ACCENT, ms=7, label="median")
    axes.plot(slow, places, "o", color=_ACCENT, mfc=_PAPER, ms=7, label="95th percentile")
    for place, seconds in zip(places, slow, strict=True):
        words = formatted("seconds.", seconds)
        axes.annotate(words, (seconds, place), (8, 0), textcoords="offset points", va="center", color=_MUTED)
    axes.set_yticks(places, [shown(step)[:_LONGEST] for step in steps], parse_math=False)
    axes.set(xlim=(0, 1.25 * max(*slow, 1e-3)), ylim=(len(steps) - 0.5, -0.9), xlabel="seconds")
    axes.legend(loc="upper right", ncols=2, **_LEGEND)
    total = formatted("seconds.", medians[-1])
    return _svg(axes, "time", f"Time by step. Median of the whole answer: {total}.")


def f1_plot(card: Scorecard) -> str | None:
    """How many questions have which token F1."""
    values = [result.scores["answer.f1"] for result in card.results if "answer.f1" in result.scores]
    if not values:
        return None
    from matplotlib.ticker import MaxNLocator

    axes = _axes()
    counts, edges = np.histogram(values, _BINS, (0.0, 1.0))
    axes.bar(edges[:-1], counts, 1 / _BINS, align="edge", color=_ACCENT, edgecolor=_PAPER)
    axes.axvline(float(np.mean(values)), color=_INK, linestyle=":", linewidth=1.2, label="mean")
    axes.set(xlim=(0, 1), ylim=(0, 1.2 * max(counts)), xlabel="token F1", ylabel="questions")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.legend(loc="upper right", **_LEGEND)
    mean = formatted("answer.f1", float(np.mean(values)))
    return _svg(axes, "f1", f"Token F1 of {len(values)} questions, mean {mean}.")


def _hits(card: Scorecard, kind: str) -> Sequence[float]:
    found = [r.scores[f"{kind}.mrr@10"] for r in card.results if f"{kind}.mrr@10" in r.scores]
    ranks = np.array([1 / value if value else np.inf for value in found])
    return [float(np.mean(ranks < k + 0.5)) for k in _RANKS]


def _axes() -> Axes:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style = {
        "axes.edgecolor": _EDGE,
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.labelcolor": _MUTED,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.size": 10,
        "grid.color": _RULE,
        "grid.linewidth": 0.8,
        "text.parse_math": False,
        "xtick.color": _EDGE,
        "xtick.labelcolor": _MUTED,
        "ytick.color": _EDGE,
        "ytick.labelcolor": _MUTED,
    }
    with rc_context(style):  # type: ignore[arg-type]  # its keys are a Literal of every name
        return Figure(_INCHES, layout="constrained", facecolor="none").subplots()


def _percent(axes: Axes, which: str) -> None:
    from matplotlib.ticker import PercentFormatter

    getattr(axes, f"{which}axis").set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))


def _svg(axes: Axes, name: str, title: str) -> str:
    """The figure as SVG for a page: its ids begin with `name`, its style leaves the page alone."""
    from matplotlib import rc_context

    written = StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        axes.get_figure(root=True).savefig(written, format="svg", metadata=nothing)  # type: ignore[union-attr]
    svg = re.sub(r".*?<svg ([^>]*)>", "", written.getvalue(), count=1, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>|<metadata.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r'(?:xlink:)?href="#', f'href="#{name}-', svg)
    svg = re.sub(r"font(-family|): [^;\"]*;?", "", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    width, height = (72 * inches for inches in _INCHES)
    return (
        f'<svg class="plot" role="img" aria-labelledby="{name}-title" viewBox="0 0 {width:g} {height:g}">'
        f'<title id="{name}-title">{escape(title)}</title>{svg}'
    )
