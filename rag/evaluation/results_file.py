"""ResultsFile: the file a run writes its results to, so that a stop or a kill loses none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from index.errors import EvaluationError
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.scorecard import Result, Scorecard

# What may differ between a run and the one that goes on with it; a question that differs is asked again.
_FREE = frozenset(["date", "concurrency", "platform", "questions", "questions_sha256", "questions_total"])


class ResultsFile:
    """`path` gets the scorecard when the run ends; until all is answered, `path.part` has a line for each result.

    The first line of the part file holds the settings; results of other settings are not gone on with.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], *, resume: bool) -> None:
        """`resume` takes up the results in the part file, or in `path` when there is none.

        EvaluationError when nothing can be written there, or the part file of another run is in the way.
        """
        self.path = path
        self.done: list[Result] = []
        """The results that are there already."""
        refuse_part(path, resume)
        if resume:
            self._take_up(settings)
        # Written anew, as a kill may have cut the last line, which the next would then be joined to.
        self._part = part_of(path)
        write_whole(self._part, "".join(map(_line, [settings, *(done.to_json() for done in self.done)])))
        self._lines: TextIO = self._part.open("a", encoding="utf-8")

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
        """Keeps a result, also should this process be killed. EvaluationError when the disk is full."""
        try:
            self._lines.write(_line(result.to_json()))
            self._lines.flush()
        except OSError as error:
            raise EvaluationError(
                f"{self._part} cannot be written: {error.strerror}. The results before are in it.",
                "Make room, and go on with --resume.",
            ) from error

    def finish(self, card: Scorecard) -> None:
        """Writes the scorecard; the part file goes, unless it holds or lacks something that the scorecard does not."""
        write_whole(self.path, json.dumps(card.to_json(), ensure_ascii=False, indent=1) + "\n")
        others = {result.id for result in self.done} - {result.id for result in card.results}
        if card.complete and not card.failed and not others:
            self._lines.close()
            self._part.unlink()

    def _take_up(self, settings: Mapping[str, Any]) -> None:
        part = part_of(self.path)
        if part.exists():
            earlier, results = _read_part(part)
        elif self.path.exists():
            card = Scorecard.read(self.path)
            earlier, results = card.settings, list(card.results)
        else:
            return
        changes = [
            f"{name} was {earlier.get(name)}, and is {settings.get(name)}"
            for name in {**earlier, **settings}
            if earlier.get(name) != settings.get(name) and name not in _FREE
        ]
        if results and changes:
            raise EvaluationError(
                f"{self.path} was begun with other settings: {'; '.join(changes)}.",
                "Give those settings again, or begin again without --resume and with a new --json FILE.",
            )
        self.done = [result for result in results if not result.error]


def part_of(path: Path) -> Path:
    """Where the results of a run are kept that is to be written to `path`."""
    return path.with_name(path.name + ".part")


def refuse_part(path: Path, resume: bool) -> None:
    """EvaluationError when a part file is there whose results would be lost."""
    part = part_of(path)
    if not resume and part.exists() and (results := _read_part(part)[1]):
        raise EvaluationError(
            f"{part} holds {len(results)} results of a run that was stopped, or in which questions failed.",
            "Go on with it by --resume, or delete that file to begin again.",
        )


def write_whole(path: Path, text: str) -> None:
    """Writes a file that is either the old or the new one, never half of it. EvaluationError when it cannot."""
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(text, encoding="utf-8", errors="replace")
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise EvaluationError(
            f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that you may write to."
        ) from error


def _read_part(part: Path) -> tuple[Mapping[str, Any], list[Result]]:
    """The settings and the results in a part file; a line that a kill has cut is left out."""
    try:
        lines = part.read_text(encoding="utf-8", errors="replace").split("\n")
        stored = [found for line in lines if (found := _object(line)) is not None]
        return (stored[0] if stored else {}), [Result.from_json(result) for result in stored[1:]]
    except OSError as error:
        raise EvaluationError(
            f"{part} cannot be read: {error.strerror}.", "Delete it to begin again."
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise EvaluationError(
            f"{part} was written by another version of Dateline.", "Delete it to begin again."
        ) from error


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value) + "\n"


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
