"""Comparing: two runs over the same questions, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rag.evaluation.measures import MEASURES
from rag.evaluation.scorecard import Result, Scorecard
from rag.evaluation.statistics import Difference, difference
from rag.words import count_words

MEAN_TIME = "seconds.total.mean"
"""What the mean time of an answer is called among the differences."""

# A question has it only when it was refused, and so no pair of answers can differ in it.
_UNPAIRED = frozenset(["refusal.precision"])
# Settings that do not change what is measured, or that a warning says better; fingerprints are left out too.
_IDLE = frozenset(["date", "concurrency", "platform", "machine", "questions"])
_TIMED_BY = ("articles_sha256", "concurrency", "platform", "machine")  # what must agree to compare times
_NAMED = 5  # questions without a match that a warning names


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, `before` and `after`: paired differences of the scores, and the questions that changed.

    `gained` and `lost` are those that became right and wrong, `missed_otherwise` those as right as before
    whose answer lacks something else than before (or that failed in one run alone), `reworded` all others
    with another answer; each as the pair of its results. `settings` are those that differ, with both
    values; `warnings` say what makes the two less comparable.
    """

    differences: Mapping[str, Difference]
    gained: Sequence[tuple[Result, Result]]
    lost: Sequence[tuple[Result, Result]]
    missed_otherwise: Sequence[tuple[Result, Result]]
    reworded: Sequence[tuple[Result, Result]]
    settings: Mapping[str, tuple[Any, Any]]
    warnings: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON values, with the questions that changed by id."""
        return {
            "warnings": list(self.warnings),
            "settings": {name: list(values) for name, values in self.settings.items()},
            "differences": {name: asdict(found) for name, found in self.differences.items()},
            **{
                name: [before.id for before, _ in getattr(self, name)]
                for name in ("gained", "lost", "missed_otherwise", "reworded")
            },
        }


def compare(before: Scorecard, after: Scorecard) -> Comparison:
    """The comparison over the questions that both asked in the same words and with the same expectations.

    The mean time of an answer is compared too, if both runs asked the same articles on the same machine, as
    many questions at a time.
    """
    earlier = {result.id: result for result in before.results}
    pairs = [
        (earlier[result.id], result)
        for result in after.results
        if result.id in earlier and earlier[result.id].asked == result.asked
    ]
    gained = [pair for pair in pairs if _rightness(pair) == (0.0, 1.0)]
    lost = [pair for pair in pairs if _rightness(pair) == (1.0, 0.0)]
    same = [pair for pair in pairs if _rightness(pair) not in ((0.0, 1.0), (1.0, 0.0))]
    return Comparison(
        _differences(pairs, timed=_are_timed_alike(before, after)),
        gained,
        lost,
        [(one, other) for one, other in same if _lack(one) != _lack(other)],
        [(one, other) for one, other in same if _lack(one) == _lack(other) and _text(one) != _text(other)],
        _differing(before.settings, after.settings),
        _warnings(before, after, {one.id for one, _ in pairs}),
    )


def _differences(pairs: Sequence[tuple[Result, Result]], timed: bool) -> dict[str, Difference]:
    differences = {}
    for name in MEASURES:
        scored = [
            (one.scores[name], other.scores[name])
            for one, other in pairs
            if name in one.scores and name in other.scores
        ]
        if scored and name not in _UNPAIRED:
            differences[name] = difference(*zip(*scored, strict=True))
    times = [
        (one.seconds, other.seconds)
        for one, other in pairs
        if one.answer and other.answer and one.answer["seconds"] and other.answer["seconds"]
    ]
    if timed and times:
        differences[MEAN_TIME] = difference(*zip(*times, strict=True))
    return differences


def _are_timed_alike(before: Scorecard, after: Scorecard) -> bool:
    same = all(before.settings.get(name) == after.settings.get(name) for name in _TIMED_BY)
    return same and before.settings.get("articles_sha256") is not None


def _rightness(pair: tuple[Result, Result]) -> tuple[float | None, float | None]:
    return pair[0].scores.get("right"), pair[1].scores.get("right")


def _lack(result: Result) -> tuple[float | None, bool, tuple[str, ...]]:
    return result.scores.get("right"), result.answer is None, tuple(result.missed)


def _text(result: Result) -> str:
    return result.answer["text"] if result.answer else result.error or ""


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name) and name not in _IDLE and not name.endswith("_sha256")
    }


def _warnings(before: Scorecard, after: Scorecard, paired: set[str]) -> list[str]:
    found = []
    for name, card in (("first", before), ("second", after)):
        if alone := [result.id for result in card.results if result.id not in paired]:
            of_run = f"{count_words(len(alone), 'question')} of the {name} run"
            more = f" and {len(alone) - _NAMED:,} more" if len(alone) > _NAMED else ""
            named = ", ".join(alone[:_NAMED]) + more
            found.append(f"{of_run} {'has' if len(alone) == 1 else 'have'} no match in the other: {named}")
        if card.failed:
            found.append(f"{count_words(len(card.failed), 'question')} failed in the {name} run")
        if not card.complete:
            found.append(f"the {name} run was stopped before its end")
    if before.settings.get("articles_sha256") != after.settings.get("articles_sha256"):
        found.append("the two runs asked different articles")
    return found
