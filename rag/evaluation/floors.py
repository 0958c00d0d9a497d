"""Floors: the scores that must be reached, on exactly these articles and questions; they only go up."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

from index.errors import EvaluationError
from rag.evaluation.measures import MEASURES
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.results_file import write_whole
from rag.evaluation.scorecard import Scorecard

_DIGITS = 4
# What a new file of floors holds; any other score can be added to it by hand.
_FIRST = (
    "right",
    "answer.key",
    "answer.key in lead",
    "answer.evidence in lead",
    "citation.recall",
    "citation.precision",
    "citation.cited",
    "citation.in place",
    "citation.verbatim",
    "citation.sources",
    "citation.right source",
    "refusal.recall",
    "refusal.false",
    "refusal.aurc",
    "news.hedge",
    "news.denial",
    "news.copies",
    "news.in time",
    "article.recall@5",
    "article.ndcg@10",
    "passage.recall@5",
    "passage.ndcg@10",
)


@dataclass(frozen=True, slots=True)
class Floors:
    """For each score the value that it must reach (or not exceed, where lower is better).

    `articles` and `questions` are fingerprints of what they were measured on; `history` says why a floor
    was ever lowered, or measured anew on other articles or questions.
    """

    articles: str = ""
    questions: str = ""
    floors: Mapping[str, float] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """The floors in a file; none, of nothing, when there is no such file yet."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            return cls(stored["articles"], stored["questions"], stored["floors"], stored["history"])
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EvaluationError(
                f"{path} holds no floors: {error}.", "Mend it, or name a new file and give --update."
            ) from error

    def write(self, path: Path) -> None:
        stored = {
            "articles": self.articles,
            "questions": self.questions,
            "floors": dict(self.floors),
            "history": [dict(entry) for entry in self.history],
        }
        write_whole(path, json.dumps(stored, indent=2, ensure_ascii=False) + "\n")

    def problems(self, card: Scorecard) -> list[str]:
        """What keeps a scorecard from passing, in words; empty when it passes."""
        found = [f"{len(card.failed)} questions failed: {', '.join(card.failed)}"] if card.failed else []
        if not card.complete:
            found.append("the run was stopped before its end")
        if not self.floors:
            return [*found, "there are no floors yet: --update makes them"]
        return found + self._changes(card) + [_sentence(card, *floor) for floor in self._under(card)]

    def updated(self, card: Scorecard, reason: str | None, today: date) -> Self:
        """The floors raised to what the scorecard reached, and lowered to it where there is a `reason`.

        EvaluationError when that would lower one, or forget what was measured, without a reason.
        """
        reached = {
            name: _rounded(name, card.scores[name].value)
            for name in (self.floors or _FIRST)
            if name in card.scores
        }
        changes = self._changes(card) if self.floors else ["the first floors"] if reason else []
        under = [] if changes else self._under(card)
        if (changes or under) and not reason:
            raise EvaluationError(
                "The floors stay as they are: "
                + "; ".join(changes or [_sentence(card, *floor) for floor in under])
                + ".",
                'Say why with --reason "...": it is written into the file.',
            )
        entries: list[dict[str, Any]] = [
            {
                "date": today.isoformat(),
                "score": name,
                "from": floor,
                "to": reached.get(name),
                "reason": reason,
            }
            for name, floor in under
        ]
        if changes:
            entries = [{"date": today.isoformat(), "measured anew": changes, "reason": reason}]
        return type(self)(
            card.settings["articles_sha256"],
            card.settings["questions_sha256"],
            reached,
            (*self.history, *entries),
        )

    def _changes(self, card: Scorecard) -> list[str]:
        return [
            f"the {what} are not those that the floors were measured on"
            for what, ours in (("articles", self.articles), ("questions", self.questions))
            if card.settings[f"{what}_sha256"] != ours
        ]

    def _under(self, card: Scorecard) -> list[tuple[str, float]]:
        return [
            (name, floor)
            for name, floor in self.floors.items()
            if name not in card.scores or _is_worse(name, card.scores[name].value, floor)
        ]


def questions_fingerprint(questions: Sequence[EvalQuestion]) -> str:
    """SHA-256 (hex) of the questions and all that is expected of them, in whatever order."""
    stored = sorted(
        json.dumps(question.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
        for question in questions
    )
    return hashlib.sha256("\n".join(stored).encode(errors="replace")).hexdigest()


def _is_worse(name: str, value: float, floor: float) -> bool:
    lower_is_better = name in MEASURES and MEASURES[name].better == "lower"
    return _rounded(name, value) > floor if lower_is_better else _rounded(name, value) < floor


def _rounded(name: str, value: float) -> float:
    # To the nearest is not safe: a floor just above what was measured could never be reached again.
    scaled = round(value * 10**_DIGITS, 3)
    lower_is_better = name in MEASURES and MEASURES[name].better == "lower"
    whole = math.ceil(scaled) if lower_is_better else math.floor(scaled)
    return float(whole / 10**_DIGITS)


def _sentence(card: Scorecard, name: str, floor: float) -> str:
    label = MEASURES[name].label if name in MEASURES else name
    if name not in card.scores:
        return f"{label} was not scored, and its floor is {floor}"
    lower = name in MEASURES and MEASURES[name].better == "lower"
    word = "ceiling" if lower else "floor"
    return f"{label} is {_rounded(name, card.scores[name].value)}, and its {word} is {floor}"
