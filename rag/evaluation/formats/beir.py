"""BEIR: a folder with a corpus, queries, and which documents are relevant to which (qrels).

https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from index.errors import EvaluationError
from rag.evaluation.formats.gathering import Gathered, Row, different, one_of, rows_of
from rag.evaluation.question_file import quoted, text_lines
from rag.evaluation.questions import QuestionSet


def read_beir(path: Path) -> QuestionSet:
    """The queries that have relevant documents, any one of which is enough, and the whole corpus."""
    gathered = Gathered(path)
    paths: dict[str, str] = {}
    for row in rows_of(path / "corpus.jsonl", gathered.mistakes):
        with gathered.noting_mistakes():
            name, title, text = row.text("_id"), row.label("title"), row.label("text")
            # Some documents are only a title, and some are nothing at all.
            paths[name] = gathered.article(text or title, title, name) if text or title else ""
    qrels = _qrels(path)
    relevant: dict[str, list[str]] = defaultdict(list)
    for number, line in text_lines(qrels, gathered.mistakes):
        with gathered.noting_mistakes():
            _take_judgement(line, number, qrels.name, paths, relevant)
    for row in rows_of(path / "queries.jsonl", gathered.mistakes):
        with gathered.noting_mistakes():
            found = different(relevant.pop(row.text("_id"), ()))
            if found:
                question = row.text("text")
                gathered.question(
                    row, row.label("_id"), question=question, sources=one_of(found), relevant=found
                )
    gathered.mistakes += [f"{qrels.name}: query {quoted(name)} is not in queries.jsonl" for name in relevant]
    return gathered.done()


def _qrels(path: Path) -> Path:
    files = sorted((path / "qrels").glob("*.tsv"), key=lambda file: (file.name != "test.tsv", file.name))
    if not files:
        raise EvaluationError(
            f"{path / 'qrels'}: no .tsv file", "A folder in the format beir needs qrels/test.tsv."
        )
    return files[0]


def _take_judgement(
    line: str, number: int, file: str, paths: dict[str, str], relevant: dict[str, list[str]]
) -> None:
    row = Row({}, f"{file}, line {number}")
    cells = [cell.strip() for cell in line.split("\t")]
    if cells == [""] or (number == 1 and cells[-1].lower() == "score"):
        return
    if len(cells) != 3:
        raise row.wrong("row", f"{len(cells)} columns, must be 3: query-id, corpus-id, score")
    query, name, score = cells
    try:
        is_relevant = float(score) > 0
    except ValueError as error:
        raise row.wrong("score", f"{quoted(score)}, must be a number") from error
    if is_relevant and name not in paths:
        raise row.wrong("corpus-id", f"{quoted(name)} is not in corpus.jsonl")
    if is_relevant and paths[name]:
        relevant[query].append(paths[name])
