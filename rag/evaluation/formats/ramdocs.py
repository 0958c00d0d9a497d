"""RAMDocs: a question with several right answers, and documents that contradict each other.

https://github.com/HanNight/RAMDocs
"""

from __future__ import annotations

from rag.evaluation.formats.gathering import Gathered, Row, literal, one_of


def take_ramdocs(row: Row, gathered: Gathered) -> None:
    """One line; the answer must give all right answers and cite a document that is correct."""
    question = row.text("question")
    answers = tuple(literal(answer) for answer in row.texts("gold_answers"))
    if not answers:
        raise row.wrong("gold_answers", "no answers")
    documents = [(document.text("type"), document.text("text")) for document in row.rows("documents")]
    paths = [(kind, gathered.article(text)) for kind, text in documents]
    gathered.question(
        row,
        row.label("id"),
        question=question,
        answers=answers,
        match="all",
        sources=one_of(path for kind, path in paths if kind == "correct"),
    )
