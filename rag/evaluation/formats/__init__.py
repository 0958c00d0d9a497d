"""The formats that questions may come in, and which of them a file is in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from index.errors import EvaluationError
from rag.evaluation.formats.beir import read_beir
from rag.evaluation.formats.clapnq import take_clapnq
from rag.evaluation.formats.gathering import read_rows
from rag.evaluation.formats.mtrag import take_mtrag
from rag.evaluation.formats.ramdocs import take_ramdocs
from rag.evaluation.formats.squad import read_squad, take_squad_row
from rag.evaluation.formats.table import read_csv
from rag.evaluation.question_file import json_objects, quoted, read_question_file
from rag.evaluation.questions import EvalQuestion, QuestionSet

Reader = Callable[[Path], QuestionSet]
"""Reads a file (or folder) of one format; raises EvaluationError with all its mistakes."""

FORMATS: dict[str, Reader] = {
    "dateline": read_question_file,
    "squad": read_squad,
    "squad-rows": partial(read_rows, take=take_squad_row),
    "csv": read_csv,
    "beir": read_beir,
    "clapnq": partial(read_rows, take=take_clapnq),
    "mtrag": partial(read_rows, take=take_mtrag),
    "ramdocs": partial(read_rows, take=take_ramdocs),
}

# By the fields that a line has in one format and in no format before it.
_TOLD_BY = {
    "ramdocs": {"question", "documents", "gold_answers"},
    "clapnq": {"input", "passages"},
    "mtrag": {"input", "contexts"},
    "squad-rows": {"question", "context"},
}


def read_questions(path: Path, format: str | None = None) -> QuestionSet:
    """The questions of a file or folder, in the named format or the one it seems to be in.

    Raises EvaluationError for an unknown format and with all the mistakes of the file.
    """
    if format is None:
        format = detected_format(path)
    if format not in FORMATS:
        raise EvaluationError(f"{quoted(format)} is not a format for questions", _known_formats())
    return FORMATS[format](path)


def detected_format(path: Path) -> str:
    """The format of a file or folder, told by its name and the fields of its first JSON object."""
    if path.is_dir():
        if (path / "corpus.jsonl").exists():
            return "beir"
        raise EvaluationError(f"{path}: a folder without corpus.jsonl", _known_formats())
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix == ".json":
        return "squad"
    row = next((row for _, row in json_objects(path, [])), None)
    if row is None and suffix == ".jsonl":
        return "dateline"  # whose reader says what is wrong with the lines
    for name, fields in _TOLD_BY.items():
        if row and fields <= row.keys():
            return name
    if row and row.keys() & EvalQuestion.model_fields.keys():
        return "dateline"
    raise EvaluationError(f"{path.name}: cannot tell what format the questions are in", _known_formats())


def _known_formats() -> str:
    return f"Name the format with --format; known are {', '.join(FORMATS)} (docs/questions.md shows each)."
