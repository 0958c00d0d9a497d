"""ResultsFile: the file a run writes its results to, so that a stop or a kill loses none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from index.errors import EvaluationError
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.scorecard import Result, Scorecard

# What may differ between a run and the one that goes on with it; a question that differs is asked again.
_FREE = frozenset(["date", "concurrency", "questions_sha256"])


class ResultsFile:
    """`path` gets the scorecard when the run ends; until it is complete, `path.part` has a line for each result.

    The first line of the part file holds the settings; results of other settings are not gone on with.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], *, resume: bool) -> None:
        """EvaluationError when nothing can be written there, or the part file of another run is in the way."""
        self.path = path
        self._part = path.with_name(path.name + ".part")
        self.done: list[Result] = []
        """The results that are there already."""
        try:
            if self._part.exists():
                self._take_up(settings, resume)
            # Written anew, as a kill may have cut the last line, which the next would then be joined to.
            write_whole(self._part, "".join(map(_line, [settings, *(done.to_json() for done in self.done)])))
            self._lines = self._part.open("a", encoding="utf-8")
        except OSError as error:
            raise EvaluationError(
                f"{path} cannot be written: {error.strerror}.",
                "Name a file in a folder that you may write to.",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    def done_of(self, questions: Sequence[EvalQuestion]) -> list[Result]:
        """The results that are there of these questions, where a question has not changed since."""
        wanted = {question.id: question for question in questions}
        return [result for result in self.done if wanted.get(result.id) == result.asked]

    def add(self, result: Result) -> None:
        """Keeps a result durably against a kill of this process."""
        self._lines.write(_line(result.to_json()))
        self._lines.flush()

    def finish(self, card: Scorecard) -> None:
        """Writes the scorecard; the part file goes when it is complete and no question failed."""
        write_whole(self.path, json.dumps(card.to_json(), ensure_ascii=False, indent=1) + "\n")
        if card.complete and not card.failed:
            self._lines.close()
            self._part.unlink()

    def _take_up(self, settings: Mapping[str, Any], resume: bool) -> None:
        lines = self._part.read_text(encoding="utf-8", errors="replace").split("\n")
        stored = [found for line in lines if (found := _object(line)) is not None]
        if not resume:
            raise EvaluationError(
                f"{self._part} holds {max(0, len(stored) - 1)} results of a run that was stopped, or in which questions failed.",
                "Go on with it by --resume, or delete that file to begin again.",
            )
        if not stored:
            return
        earlier, *results = stored
        differing = [
            name
            for name in {**earlier, **settings}
            if earlier.get(name) != settings.get(name) and name not in _FREE
        ]
        if differing:
            raise EvaluationError(
                f"{self._part} holds results of a run with other settings: {', '.join(differing)} differ.",
                f"Give the settings of that run again, or delete {self._part} to begin again.",
            )
        try:
            read = [Result.from_json(result) for result in results]
        except (KeyError, TypeError, ValueError) as error:
            raise EvaluationError(
                f"{self._part} was written by another version of Dateline.", "Delete it to begin again."
            ) from error
        self.done = [result for result in read if not result.error]


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Writes a file that is either the old or the new one, never half of it. EvaluationError when it cannot."""
    try:
        new = path.with_name(path.name + ".new")
        new.write_text(text, encoding="utf-8", errors="replace")
        new.replace(path)
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that you may write to."
        ) from error


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
