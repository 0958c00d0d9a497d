"""Scorecard: the results of a run and the scores over them, as values and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from index.errors import EvaluationError
from rag.evaluation.measures import MEASURES
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.refusal_scores import area_under_risk
from rag.evaluation.statistics import Estimate, Numbers, estimate

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one question: the answer as `ask --json` prints it, or the error, and its scores."""

    asked: EvalQuestion
    answer: Mapping[str, Any] | None
    scores: Mapping[str, float]
    missed: Sequence[str] = ()
    error: str | None = None

    @property
    def id(self) -> str:
        return self.asked.id

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "scores": {name: round(value, 6) for name, value in self.scores.items()},
            "missed": list(self.missed),
            "error": self.error,
            "asked": self.asked.model_dump(mode="json", exclude_defaults=True),
            "answer": self.answer,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            EvalQuestion.model_validate(stored["asked"]),
            stored["answer"],
            stored["scores"],
            tuple(stored["missed"]),
            stored["error"],
        )


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The scores over the results, with intervals: of all, and of each tag.

    `settings` say what was measured, `machine` how fast ("questions_per_second", "peak_memory_mb").
    `complete` is false when the run was stopped before its last question.
    """

    settings: Mapping[str, Any]
    results: Sequence[Result]
    scores: Mapping[str, Estimate]
    by_tag: Mapping[str, Mapping[str, Estimate]]
    machine: Mapping[str, float | None]
    complete: bool = True

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        settings: Mapping[str, Any],
        machine: Mapping[str, float | None] | None = None,
        complete: bool = True,
    ) -> Self:
        """The scorecard of these results."""
        tags = dict.fromkeys(tag for result in results for tag in result.asked.tags)
        by_tag = {tag: scores_over([r for r in results if tag in r.asked.tags]) for tag in tags}
        scores = {**scores_over(results), **times_over(results)}
        return cls(settings, tuple(results), scores, by_tag, machine or {}, complete)

    @property
    def failed(self) -> list[str]:
        """The ids of the questions that could not be asked."""
        return [result.id for result in self.results if result.error]

    def to_json(self) -> dict[str, Any]:
        """The scorecard as JSON values; the README describes them."""
        return {
            "format": FORMAT,
            "complete": self.complete,
            "settings": dict(self.settings),
            "failed": self.failed,
            "scores": {name: _rounded(found) for name, found in self.scores.items()},
            "by_tag": {
                tag: {name: _rounded(found) for name, found in scores.items()}
                for tag, scores in self.by_tag.items()
            },
            "machine": dict(self.machine),
            "results": [result.to_json() for result in self.results],
        }

    @classmethod
    def read(cls, path: Path) -> Self:
        """The scorecard in a file that `--json` wrote. EvaluationError when it is not one."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["format"] != FORMAT:
                raise EvaluationError(
                    f"{path} was written by another version of Dateline.", "Run the evaluation again."
                )
            results = [Result.from_json(result) for result in stored["results"]]
            return cls(
                stored["settings"],
                results,
                {name: Estimate(**found) for name, found in stored["scores"].items()},
                {
                    tag: {name: Estimate(**found) for name, found in scores.items()}
                    for tag, scores in stored["by_tag"].items()
                },
                stored["machine"],
                stored["complete"],
            )
        except OSError as error:
            raise EvaluationError(
                f"{path} cannot be read: {error.strerror}.", "Name a file that --json has written."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EvaluationError(
                f"{path} is not a scorecard.",
                "Name a file that `python -m rag eval --json FILE` has written.",
            ) from error


def scores_over(results: Sequence[Result]) -> dict[str, Estimate]:
    """Every measure's mean over the results that have it, and AURC, in the order of MEASURES."""
    found = {
        name: estimate(
            [result.scores[name] for result in results if name in result.scores],
            share=measure.better is not None,
        )
        for name, measure in MEASURES.items()
    }
    found["refusal.aurc"] = estimate(confidences(results), area_under_risk)
    if not any(result.asked.answerable is False for result in results):
        found["refusal.precision"] = None  # it could only be 0
    return {name: value for name, value in found.items() if value is not None}


def confidences(results: Iterable[Result]) -> list[tuple[float, bool]]:
    """Confidence and rightness of every answer: what the risk-coverage curve is drawn from.

    Nothing when it is not known of some answer to an answerable question whether it is right: of the others
    alone, the curve would say nothing of the whole.
    """
    results = list(results)
    if any("right" not in result.scores for result in results if result.asked.answerable):
        return []
    return [
        (result.answer["confidence"], bool(result.scores["right"]))
        for result in results
        if result.answer and result.answer.get("confidence") is not None and "right" in result.scores
    ]


def times_over(results: Sequence[Result]) -> dict[str, Estimate]:
    """The median and the 95th percentile of the seconds of each step, over the questions that did not fail."""
    seconds = [result.answer["seconds"] for result in results if result.answer is not None]
    steps = list(dict.fromkeys(step for one in seconds for step in one))
    found = {}
    for step in [*steps, "total"]:
        times = [
            sum(one.values()) if step == "total" else one[step] for one in seconds if step in (*one, "total")
        ]
        for name, share in (("p50", 50), ("p95", 95)):
            if value := estimate(times, _percentile(share)):
                found[f"seconds.{step}.{name}"] = value
    return found


def _percentile(share: int) -> Callable[[Numbers], float]:
    return lambda times: float(np.percentile(times, share))


def _rounded(found: Estimate) -> dict[str, Any]:
    return {
        name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(found).items()
    }
