"""ClapNQ: a question, the passage for it, and whole answers with the sentences they rest on.

https://github.com/primeqa/clapnq
"""

from __future__ import annotations

from rag.evaluation.formats.gathering import Gathered, Row, different, one_of


def take_clapnq(row: Row, gathered: Gathered) -> None:
    """One line; without an answer the question is unanswerable, and its passage the nearest there is."""
    question = row.text("input")
    passages = row.rows("passages")
    outputs = [output for output in row.rows("output") if output.label("answer")]
    gathered.question(
        row,
        row.label("id"),
        question=question,
        answerable=bool(outputs),
        references=different(output.label("answer") for output in outputs),
        sources=one_of(gathered.article(entry.text("text"), entry.label("title")) for entry in passages),
        evidence=different(text for output in outputs for text in output.texts("selected_sentences")),
    )
