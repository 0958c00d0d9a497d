"""SQuAD: questions on paragraphs, with the short answers that stand there.

The two forms are the file of the authors (https://rajpurkar.github.io/SQuAD-explorer/, 1.1 and 2.0) and
one question a line with its paragraph, as the `datasets` library exports it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.evaluation.formats.gathering import Gathered, Row, different, literal
from rag.evaluation.question_file import json_value, kind, text_lines
from rag.evaluation.questions import QuestionSet


def read_squad(path: Path) -> QuestionSet:
    """The questions of a SQuAD file, a paragraph being an article."""
    gathered = Gathered(path)
    with gathered.noting_mistakes():
        text = "\n".join(line for _, line in text_lines(path, gathered.mistakes))
        for entry in _root(path, text, gathered):
            with gathered.noting_mistakes():
                for paragraph in entry.rows("paragraphs"):
                    with gathered.noting_mistakes():
                        _take_paragraph(paragraph, entry.label("title"), gathered)
    return gathered.done()


def _root(path: Path, text: str, gathered: Gathered) -> list[Row]:
    if gathered.mistakes or not text.strip():
        return []
    try:
        value = json_value(text)
    except ValueError as error:
        gathered.mistakes.append(f"{path.name}: {error}")
        return []
    if not isinstance(value, dict):
        gathered.mistakes.append(f"{path.name}: {kind(value)}, must be an object")
        return []
    if "results" in value and "by_tag" in value:
        gathered.mistakes.append(
            f"{path.name}: a scorecard, not questions; to compare two of them, --compare A B"
        )
        return []
    return Row(value, path.name).rows("data")


def _take_paragraph(paragraph: Row, title: str, gathered: Gathered) -> None:
    source = gathered.article(paragraph.text("context"), _spaced(title))
    for row in paragraph.rows("qas"):
        with gathered.noting_mistakes():
            answers = _answers(row)
            gathered.question(
                row,
                row.label("id"),
                question=row.text("question"),
                answerable=bool(answers),
                answers=answers,
                sources=(source,),
            )


def take_squad_row(row: Row, gathered: Gathered) -> None:
    """A question with its `context`; `answer`, where given, is a paraphrase and so a reference."""
    question = row.text("question")
    source = gathered.article(row.text("context"), _spaced(row.label("title")))
    answers, references = _answers(row), row.texts("answer")
    stated = {"answers", "answer", "is_impossible"} & row.values.keys()
    gathered.question(
        row,
        row.label("id"),
        question=question,
        answerable=bool(answers or references) if stated else None,
        answers=answers,
        references=references,
        sources=(source,),
        evidence=row.texts("evidence"),
    )


def _answers(row: Row) -> tuple[str, ...]:
    """The texts of `answers`: a list of texts, a list of objects with `text`, or one object of lists."""
    if row.values.get("is_impossible") is True:
        return ()  # what some files give for these is only plausible, and wrong
    value: Any = row.values.get("answers")
    if isinstance(value, dict):
        texts = Row(value, f"{row.place}, answers").texts("text")
    elif isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        texts = different(entry.text("text") for entry in row.rows("answers"))
    else:
        texts = row.texts("answers")
    return tuple(literal(text) for text in texts)


def _spaced(title: str) -> str:
    """SQuAD names an article as its address on Wikipedia does: `Super_Bowl_50`."""
    return title.replace("_", " ")
