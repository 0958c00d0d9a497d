"""MTRAG: the last question of a conversation, with the passages for it and a whole answer.

https://github.com/IBM/mt-rag-benchmark
"""

from __future__ import annotations

from rag.evaluation.formats.gathering import Gathered, Row, different, one_of

_ANSWERABLE = {"ANSWERABLE": True, "PARTIAL": True, "UNANSWERABLE": False}


def take_mtrag(row: Row, gathered: Gathered) -> None:
    """One task; other kinds of answerability than these three leave open whether to answer."""
    turns = row.rows("input")
    asked = [turn.label("text") for turn in turns if turn.text("speaker") == "user" and turn.label("text")]
    if not asked:
        raise row.wrong("input", "no turn of the user")
    kinds = row.texts("answerability")
    answerable = _ANSWERABLE.get(kinds[0].upper()) if kinds else None
    references = different(target.label("text") for target in row.rows("targets")) if answerable else ()
    paths = [
        gathered.article(context.text("text"), context.label("title"), context.text("document_id"))
        for context in row.rows("contexts")
    ]
    gathered.question(
        row,
        row.label("task_id"),
        question=asked[-1],
        history=tuple(asked[:-1]),
        answerable=answerable,
        references=references,
        sources=one_of(paths),
        relevant=different(paths),
        tags=different([*(kind.lower() for kind in kinds), row.label("Collection")]),
    )
