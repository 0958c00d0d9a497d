"""Comparing: two runs over the same questions, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rag.evaluation.measures import MEASURES
from rag.evaluation.scorecard import Result, Scorecard
from rag.evaluation.statistics import Difference, difference
from rag.words import count_words

# A question has it only when it was refused, and so no pair of answers can differ in it.
_UNPAIRED = frozenset(["refusal.precision"])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, `before` and `after`: paired differences of the scores, and the questions that changed.

    `gained` and `lost` are those that became right and wrong, `reworded` those with another answer that
    is as right as before; each as the pair of its results. `warnings` say what makes the two less comparable.
    """

    differences: Mapping[str, Difference]
    gained: Sequence[tuple[Result, Result]]
    lost: Sequence[tuple[Result, Result]]
    reworded: Sequence[tuple[Result, Result]]
    warnings: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON values, with the questions that changed by id."""
        return {
            "warnings": list(self.warnings),
            "differences": {name: asdict(found) for name, found in self.differences.items()},
            **{
                name: [before.id for before, _ in getattr(self, name)]
                for name in ("gained", "lost", "reworded")
            },
        }


def compare(before: Scorecard, after: Scorecard) -> Comparison:
    """The comparison over the questions that both asked in the same words and with the same expectations."""
    earlier = {result.id: result for result in before.results}
    pairs = [
        (earlier[result.id], result)
        for result in after.results
        if result.id in earlier and earlier[result.id].asked == result.asked
    ]
    differences = {}
    for name in MEASURES:
        scored = [
            (one.scores[name], other.scores[name])
            for one, other in pairs
            if name in one.scores and name in other.scores
        ]
        if scored and name not in _UNPAIRED:
            differences[name] = difference([one for one, _ in scored], [other for _, other in scored])
    return Comparison(
        differences,
        [pair for pair in pairs if _rightness(pair) == (0.0, 1.0)],
        [pair for pair in pairs if _rightness(pair) == (1.0, 0.0)],
        [pair for pair in pairs if len(set(_rightness(pair))) == 1 and _text(pair[0]) != _text(pair[1])],
        _warnings(before, after, len(pairs)),
    )


def _rightness(pair: tuple[Result, Result]) -> tuple[float | None, float | None]:
    return pair[0].scores.get("right"), pair[1].scores.get("right")


def _text(result: Result) -> str:
    return result.answer["text"] if result.answer else result.error or ""


def _warnings(before: Scorecard, after: Scorecard, paired: int) -> list[str]:
    found = []
    for name, card in (("first", before), ("second", after)):
        if alone := len(card.results) - paired:
            of_run = f"{count_words(alone, 'question')} of the {name} run"
            found.append(f"{of_run} {'has' if alone == 1 else 'have'} no match in the other")
        if card.failed:
            found.append(f"{count_words(len(card.failed), 'question')} failed in the {name} run")
        if not card.complete:
            found.append(f"the {name} run was stopped before its end")
    if before.settings.get("articles_sha256") != after.settings.get("articles_sha256"):
        found.append("the two runs asked different articles")
    return found
