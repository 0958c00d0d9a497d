"""Floors: the scores that must be reached, on exactly these articles and questions; they only go up."""

from __future__ import annotations

import difflib
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
from rag.words import count_words

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


# The settings that answers depend on: floors hold for these alone.
_SETTINGS = ("passages", "embedding_model", "reader_model", "top_k", "fetch_k", "max_statements")


@dataclass(frozen=True, slots=True)
class Floors:
    """For each score the value that it must reach (or not exceed, where lower is better).

    `articles` and `questions` are fingerprints of what they were measured on, `settings` those of the run;
    `history` says why floors were first made, lowered, or measured anew.
    """

    articles: str = ""
    questions: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """The floors in a file; none, of nothing, when there is no such file yet."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            read = cls(*(stored[name] for name in ("articles", "questions", "settings", "floors", "history")))
            for name, floor in read.floors.items():
                if name not in MEASURES:
                    close = difflib.get_close_matches(name, MEASURES, 1)
                    meant = f"; did you mean {close[0]!r}?" if close else "."
                    raise ValueError(f"no score is called {name!r}{meant}")
                if isinstance(floor, bool) or not isinstance(floor, int | float):
                    raise ValueError(f"the floor of {name!r} is no number.")
            return read
        except FileNotFoundError:
            return cls()
        except (KeyError, TypeError, AttributeError, RecursionError, json.JSONDecodeError) as error:
            raise EvaluationError(
                f"{path} is not a file of floors.", "Name one that --update has written, or a new file."
            ) from error
        except ValueError as error:
            raise EvaluationError(
                f"{path}: {error}", "Mend it, or name a new file and give --update."
            ) from error
        except OSError as error:
            raise EvaluationError(f"{path} cannot be read: {error.strerror}.", "Name a file.") from error

    def write(self, path: Path) -> None:
        stored = {
            "articles": self.articles,
            "questions": self.questions,
            "settings": dict(self.settings),
            "floors": dict(self.floors),
            "history": [dict(entry) for entry in self.history],
        }
        write_whole(path, json.dumps(stored, indent=2, ensure_ascii=False) + "\n")

    def problems(self, card: Scorecard) -> list[str]:
        """What keeps a scorecard from passing, in words; empty when it passes."""
        found = (
            [f"{count_words(len(card.failed), 'question')} failed: {', '.join(card.failed)}"]
            if card.failed
            else []
        )
        if not card.complete:
            found.append("the run was stopped before its end")
        if not self.floors:
            return [*found, "there are no floors yet: --update makes them"]
        return found + self._changes(card) + [_sentence(card, *floor) for floor in self._under(card)]

    def updated(self, card: Scorecard, reason: str | None, today: date) -> Self:
        """The floors raised to what the scorecard reached, and lowered to it where there is a `reason`.

        EvaluationError when that would make the first ones, lower one, leave one out, or measure on
        something else, without a reason. What was lowered stands in the history with both values.
        """
        changes = self._changes(card) if self.floors else ["the first floors"]
        under = self._under(card)
        if (changes or under) and not reason:
            raise EvaluationError(
                "The floors stay as they are: "
                + "; ".join([*changes, *(_sentence(card, *floor) for floor in under)])
                + ".",
                'Say why with --reason "...": it is written into the file.',
            )
        reached = {
            name: _rounded(name, card.scores[name].value)
            for name in (self.floors or _FIRST)
            if name in card.scores
        }
        entry = {
            "date": today.isoformat(),
            "reason": reason,
            **({"measured anew": changes} if changes else {}),
            **({"lowered": {name: [floor, reached.get(name)] for name, floor in under}} if under else {}),
        }
        return type(self)(
            card.settings["articles_sha256"],
            card.settings["questions_sha256"],
            _of_interest(card),
            reached,
            (*self.history, entry) if changes or under else self.history,
        )

    def _changes(self, card: Scorecard) -> list[str]:
        ours = _of_interest(card)
        return [
            *(
                f"the {what} are not those that the floors were measured on"
                for what, sha256 in (("articles", self.articles), ("questions", self.questions))
                if card.settings[f"{what}_sha256"] != sha256
            ),
            *(
                f"{name} is {ours.get(name)}, and was {self.settings.get(name)} when the floors were measured"
                for name in _SETTINGS
                if ours.get(name) != self.settings.get(name)
            ),
        ]

    def _under(self, card: Scorecard) -> list[tuple[str, float]]:
        return [
            (name, floor)
            for name, floor in self.floors.items()
            if name not in card.scores or _is_worse(name, card.scores[name].value, floor)
        ]


def _of_interest(card: Scorecard) -> dict[str, Any]:
    return {name: card.settings[name] for name in _SETTINGS if name in card.settings}


def questions_fingerprint(questions: Sequence[EvalQuestion]) -> str:
    """SHA-256 (hex) of the questions and all that is expected of them, in whatever order."""
    stored = sorted(
        json.dumps(question.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
        for question in questions
    )
    return hashlib.sha256("\n".join(stored).encode(errors="replace")).hexdigest()


def _is_worse(name: str, value: float, floor: float) -> bool:
    return _rounded(name, value) > floor if _lower_is_better(name) else _rounded(name, value) < floor


def _rounded(name: str, value: float) -> float:
    # To the nearest is not safe: a floor just above what was measured could never be reached again.
    scaled = round(value * 10**_DIGITS, 3)
    whole = math.ceil(scaled) if _lower_is_better(name) else math.floor(scaled)
    return float(whole / 10**_DIGITS)


def _lower_is_better(name: str) -> bool:
    return MEASURES[name].better == "lower"


def _sentence(card: Scorecard, name: str, floor: float) -> str:
    label = MEASURES[name].label
    if name not in card.scores:
        return f"{label} was not scored, and its floor is {floor}"
    word = "ceiling" if _lower_is_better(name) else "floor"
    return f"{label} is {_rounded(name, card.scores[name].value)}, and its {word} is {floor}"
