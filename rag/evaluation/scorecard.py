"""Scorecard: the results of a run and the scores over them, as values and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from index.errors import EvaluationError
from rag.evaluation.measures import MEASURES
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.refusal_scores import area_under_risk
from rag.evaluation.statistics import Estimate, estimate, percentiles

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

    @property
    def seconds(self) -> float:
        """The time of all steps of the answer; 0 without one."""
        return sum(self.answer["seconds"].values()) if self.answer else 0.0

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
    def from_json(cls, stored: Any) -> Self:
        """The result that `to_json` gave. ValueError says what is wrong with it."""
        found = _checked(stored, _RESULT, "the result")
        for value in found["scores"].values():
            _checked(value, "number", "a score")
        answer = None if found["answer"] is None else checked_answer(found["answer"])
        asked = EvalQuestion.model_validate(found["asked"])
        return cls(asked, answer, found["scores"], tuple(found["missed"]), found["error"])


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
        by_tag = {tag: _all_over([r for r in results if tag in r.asked.tags]) for tag in tags}
        return cls(settings, tuple(results), _all_over(results), by_tag, machine or {}, complete)

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
            found = _checked(stored, _SCORECARD, "the scorecard")
            for value in found["machine"].values():
                _checked(value, "number or none", "what is known of the machine")
            _check_setting(found["settings"])
            return cls(
                found["settings"],
                [Result.from_json(result) for result in found["results"]],
                _estimates(found["scores"]),
                {tag: _estimates(scores) for tag, scores in found["by_tag"].items()},
                found["machine"],
                found["complete"],
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
            share=measure.unit == "share",
        )
        for name, measure in MEASURES.items()
    }
    found["refusal.aurc"] = estimate(confidences(results), area_under_risk)
    if not any(result.asked.answerable is False for result in results):
        found["refusal.precision"] = None  # it could only be 0
    return {name: value for name, value in found.items() if value is not None}


def confidences(results: Iterable[Result]) -> list[tuple[float, bool]]:
    """Confidence and rightness of every answer that can be judged: what the risk-coverage curve is drawn from.

    Nothing when none of them is to an answerable question: of answers that should all have been refusals,
    every one is wrong, however confident.
    """
    judged = [
        (result.asked.answerable, result.answer["confidence"], bool(result.scores["right"]))
        for result in results
        if result.answer and result.answer.get("confidence") is not None and "right" in result.scores
    ]
    if not any(answerable for answerable, *_ in judged):
        return []
    return [(confidence, right) for _, confidence, right in judged]


def times_over(results: Sequence[Result]) -> dict[str, Estimate]:
    """The median and the 95th percentile of the seconds of each step, over the questions that did not fail."""
    seconds = [result.answer["seconds"] for result in results if result.answer is not None]
    steps = {step: [one[step] for one in seconds if step in one] for one in seconds for step in one}
    steps["total"] = [result.seconds for result in results if result.answer is not None]
    return {
        f"seconds.{step}.{name}": found
        for step, times in steps.items()
        for name, found in zip(("p50", "p95"), percentiles(times, (50, 95)), strict=False)
    }


def _all_over(results: Sequence[Result]) -> dict[str, Estimate]:
    return {**scores_over(results), **times_over(results)}


def _rounded(found: Estimate) -> dict[str, Any]:
    return {
        name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(found).items()
    }


# The fields that scores and reports use, and of which kind each is: a name in _KINDS, the fields of an
# object, or a list of one kind. What else is there is nobody's business.
_ANSWER = {
    "standalone_question": "text",
    "refused": "truth",
    "text": "text",
    "statements": [{"text": "text", "citations": ["whole number"], "verdict": "text"}],
    "citations": [
        {
            "number": "whole number",
            "passage": "whole number",
            "article_id": "text",
            **dict.fromkeys(("headline", "outlet", "credit", "published", "url"), "text or none"),
            "start": "whole number",
            "end": "whole number",
            "quote": "text",
        }
    ],
    "passages": [
        {
            "number": "whole number",
            "article_id": "text",
            "headline": "text or none",
            "outlet": "text or none",
            "start": "whole number",
            "end": "whole number",
            "text": "text",
        }
    ],
    "refusal": "object or none",
    "confidence": "number or none",
    "seconds": "object",
}
_REFUSAL = {"text": "text", "nearest": "object or none"}
_RESULT = {
    "asked": "object",
    "answer": "object or none",
    "scores": "object",
    "missed": ["text"],
    "error": "text or none",
}
_SCORECARD = {
    "complete": "truth",
    "settings": "object",
    "machine": "object",
    "scores": "object",
    "by_tag": "object",
    "results": "list",
}
_ESTIMATE = {"value": "number", "low": "number or none", "high": "number or none", "n": "whole number"}
_KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "truth": (bool,),
    "whole number": (int,),
    "number": (int, float),
    "object": (Mapping,),
    "list": (list, tuple),
}
_IN_WORDS = {
    "truth": "true or false",
    "whole number": "a whole number",
    "number": "a number",
    "number or none": "a number or null",
    "object": "an object",
    "object or none": "an object or null",
    "text or none": "text or null",
    "list": "a list",
}
_DEEPEST = 20  # objects within objects in a setting
_LARGEST = 1e15  # beyond any number of an answer; a larger one is damage, and may not fit a float


def checked_answer(value: Any) -> Mapping[str, Any]:
    """`value` when it has all that scores and reports use of an answer. ValueError says what is wrong with it."""
    answer: Mapping[str, Any] = _checked(value, _ANSWER, "the answer")
    if answer["refusal"] is not None:
        refusal = _checked(answer["refusal"], _REFUSAL, "its refusal")
        if refusal["nearest"] is not None:
            _checked(refusal["nearest"], {"headline": "text or none"}, "its nearest article")
    for step, seconds in answer["seconds"].items():
        _checked(step, "text", "a step")
        if _checked(seconds, "number", "the time of a step") < 0:
            raise ValueError("the time of a step is less than nothing")
    return answer


def _checked(value: Any, kind: Any, what: str) -> Any:
    """`value` when it is of that kind; `what` names it in the ValueError otherwise."""
    if isinstance(kind, dict):
        if not isinstance(value, Mapping):
            raise ValueError(f"{what} is not an object")
        for name, of_one in kind.items():
            if name not in value:
                raise ValueError(f"{what} has no {name!r}")
            _checked(value[name], of_one, f"{name!r} of {what}")
    elif isinstance(kind, list):
        for one in _checked(value, "list", what):
            _checked(one, kind[0], f"one of {what}")
    elif not (value is None and kind.endswith(" or none")):
        plain = kind.removesuffix(" or none")
        is_truth = isinstance(value, bool)  # which Python counts as a whole number
        if not isinstance(value, _KINDS[plain]) or is_truth != (plain == "truth"):
            raise ValueError(f"{what} is not {_IN_WORDS.get(kind, kind)}")
        if isinstance(value, int | float) and not abs(value) <= _LARGEST:
            raise ValueError(f"{what} is no number that can be")
    return value


def _estimates(stored: Any) -> dict[str, Estimate]:
    return {
        name: Estimate(**_checked(found, _ESTIMATE, "a score"))
        for name, found in _checked(stored, "object", "the scores").items()
    }


def _check_setting(value: Any, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise ValueError("a setting holds too much")
    if isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            _check_setting(one, depth + 1)
