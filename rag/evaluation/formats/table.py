"""A table of questions, one a row, as a spreadsheet saves it (CSV or TSV)."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from rag.evaluation.formats.gathering import Gathered, Row, different
from rag.evaluation.question_file import did_you_mean, quoted, text_lines
from rag.evaluation.questions import QuestionSet
from rag.evaluation.wording import is_pattern

_COLUMNS = {
    "id": "id",
    "question": "question",
    "answerable": "answerable",
    "answer": "answers",
    "answers": "answers",
    "source": "sources",
    "sources": "sources",
    "tag": "tags",
    "tags": "tags",
    "history": "history",
    "reference": "references",
    "references": "references",
    "evidence": "evidence",
    "hedges": "hedges",
    "denials": "denials",
}
_SINGLE = frozenset(["id", "question", "answerable"])
_LIKE = 0.8  # "anwser" and "questions" are meant as ours; "author" is a column of somebody's own
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_csv(path: Path) -> QuestionSet:
    """The questions of a table whose first row names its columns; those that are not ours are left out."""
    gathered = Gathered(path)
    text = "\n".join(line for _, line in text_lines(path, gathered.mistakes))
    if gathered.mistakes or not text.strip():
        return gathered.done()
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    names: list[str] = []
    line = 1
    try:
        for cells in records:
            row = Row({}, f"{path.name}, line {line}")
            line = records.line_num + 1
            with gathered.noting_mistakes():
                if not any(cell.strip() for cell in cells):
                    continue
                if not names:
                    names = [cell.strip().lower() for cell in cells]
                    _check(names, row)
                elif len(cells) > len(names):
                    raise row.wrong("row", f"{len(cells)} columns, but the first row names {len(names)}")
                elif "question" in names:
                    row.values.update(zip(names, cells, strict=False))
                    _take(row, gathered)
    except csv.Error as error:
        gathered.mistakes.append(f"{path.name}, line {line}: not a row of a table: {error}")
    return gathered.done()


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: the one that finds most of our columns in the first row."""
    header = next(line for line in text.splitlines() if line.strip()).lower()

    def found(delimiter: str) -> int:
        return len({cell.strip(' \r\n"') for cell in header.split(delimiter)} & _COLUMNS.keys())

    return max(",;\t", key=found)


def _check(names: list[str], header: Row) -> None:
    for name in names:
        if name and name not in _COLUMNS and (meant := did_you_mean(name, list(_COLUMNS), _LIKE)):
            raise header.wrong("column", f"{quoted(name)} is not one of ours{meant}")
    if "question" not in names:
        raise header.wrong("column", 'none is named "question"')


def _take(row: Row, gathered: Gathered) -> None:
    fields: dict[str, tuple[str, ...]] = {}
    for column, field in _COLUMNS.items():
        if field not in _SINGLE:
            fields[field] = (*fields.get(field, ()), *_several(row.label(column)))
    answerable = row.label("answerable").lower()
    if answerable and answerable not in _TRUTHS:
        raise row.wrong("answerable", f"{quoted(answerable)}, must be true or false")
    gathered.question(
        row,
        row.label("id"),
        question=row.text("question"),
        answerable=_TRUTHS.get(answerable, True),
        **fields,
    )


def _several(cell: str) -> tuple[str, ...]:
    """The texts of a cell; one regular expression keeps its bars.

    >>> _several("a | b"), _several("/a|b/"), _several("/a/|/b/")
    (('a', 'b'), ('/a|b/',), ('/a/', '/b/'))
    """
    return (cell,) if is_pattern(cell) and "/|/" not in cell else different(cell.split("|"))
