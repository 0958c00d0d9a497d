"""Measures: every score there is, what it is called, and which way is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rag.evaluation.answer_scores import answer_scores
from rag.evaluation.catalogue import Catalogue
from rag.evaluation.citation_scores import citation_scores
from rag.evaluation.news_scores import news_scores
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.refusal_scores import is_right, refusal_scores
from rag.evaluation.retrieval_scores import CUTOFFS, retrieval_scores
from rag.evaluation.wording import plain, stands_in


@dataclass(frozen=True, slots=True)
class Measure:
    """One score: its name in JSON, what to call it, and what it says in a sentence.

    `better` is "higher", "lower", or None for what is neither good nor bad. `unit` is the kind of its
    values: a "share" of something, shown in percent; an "index" from 0 to 1, of which nothing is a share;
    or a "count".
    """

    name: str
    label: str
    meaning: str
    better: str | None = "higher"
    unit: Literal["share", "index", "count"] = "share"


def _ranking(by: str, what: str) -> list[Measure]:
    return [
        *(
            Measure(f"{by}.hits@{k}", f"Hits@{k} ({by})", f"questions with {what} in the first {k}")
            for k in CUTOFFS
        ),
        *(
            Measure(f"{by}.recall@{k}", f"Recall@{k} ({by})", f"share of {what} in the first {k}")
            for k in CUTOFFS
        ),
        Measure(f"{by}.mrr@10", f"MRR@10 ({by})", f"1 / rank of the first {what}", unit="index"),
        Measure(f"{by}.ndcg@10", f"nDCG@10 ({by})", f"{what}, the higher up the better", unit="index"),
        Measure(f"{by}.map", f"MAP ({by})", f"precision, averaged over the ranks of {what}", unit="index"),
    ]


MEASURES = {
    measure.name: measure
    for measure in [
        Measure("right", "Right", "answered with the key, or rightly refused"),
        Measure("answer.key", "Key met", "the answer says what it must"),
        Measure("answer.key in lead", "Key met by the lead", "the first statement alone says it"),
        Measure("answer.span exact", "Span exact", "the marked words are the same as a short answer"),
        Measure(
            "answer.span f1", "Span F1", "words that the marked ones share with a short answer", unit="index"
        ),
        Measure("answer.evidence", "Evidence quoted", "share of the evidence that is cited"),
        Measure("answer.evidence in lead", "Lead is evidence", "the first statement cites evidence"),
        Measure("answer.exact", "Exact match", "the same words as a reference"),
        Measure("answer.f1", "Token F1", "words shared with the reference", unit="index"),
        Measure("answer.rouge_l", "RougeL", "longest common subsequence with the reference", unit="index"),
        Measure("answer.sentences", "Sentences", "statements in an answer", None, "count"),
        Measure("answer.words", "Words", "words in an answer", None, "count"),
        Measure("citation.recall", "Citation recall", "statements that their cited spans hold"),
        Measure("citation.precision", "Citation precision", "citations that their statement needs"),
        Measure("citation.cited", "Statements cited", "statements with a citation"),
        Measure("citation.in place", "Quotes in place", "quotes that stand where the citation says"),
        Measure("citation.verbatim", "Quotations verbatim", "quotations that a cited span holds exactly"),
        Measure("citation.sources", "Sources cited", "needed sources that are cited"),
        Measure("citation.right source", "Right source", "citations that are of a needed source"),
        Measure("refusal.recall", "Refusal recall", "unanswerable questions that are refused"),
        Measure("refusal.precision", "Refusal precision", "refusals of unanswerable questions"),
        Measure("refusal.false", "False refusals", "answerable questions that are refused", "lower"),
        Measure("refusal.rate", "Refused", "all questions that are refused", None),
        Measure("refusal.aurc", "AURC", "area under the risk-coverage curve", "lower", "index"),
        Measure("news.hedge", "Hedge kept", "doubt and attribution survive"),
        Measure("news.denial", "Denial shown", "a denial is in the answer"),
        Measure("news.copies", "Copies counted once", "no two copies of one story are cited"),
        Measure("news.in time", "In time", "nothing from after the question is cited"),
        *_ranking("article", "wanted articles"),
        *_ranking("passage", "evidence"),
    ]
}


def score_answer(
    question: EvalQuestion, answer: Mapping[str, Any], catalogue: Catalogue, searched: bool = True
) -> dict[str, float]:
    """Every score that the question's fields allow, of an answer as `ask --json` prints it.

    Those of retrieval only if its passages were `searched` for, and not given.
    """
    scores = {
        **answer_scores(question, answer),
        **citation_scores(question, answer, catalogue),
        **refusal_scores(question, answer),
        **news_scores(question, answer, catalogue),
    }
    if searched and question.answerable is not False:
        scores |= retrieval_scores(question, answer, catalogue)
    right = is_right(question, answer, scores)
    return scores if right is None else {"right": float(right), **scores}


def missed(question: EvalQuestion, answer: Mapping[str, Any], scores: Mapping[str, float]) -> list[str]:
    """What an answer lacks, in words for the person who reads the report; empty when nothing."""

    def lacks(name: str) -> bool:
        return scores.get(name, 1.0) < 1.0

    def listed(keys: tuple[str, ...]) -> str:
        return " · ".join(keys)

    if question.answerable is False:
        return [] if answer["refused"] else ["It is answered, though the articles do not answer it."]
    found = []
    if question.answerable and answer["refused"]:
        found.append("It is refused, though the articles answer it.")
    elif lacks("answer.key"):
        found.append(f"It does not say {question.match} of: {listed(question.answers)}")
    if lacks("passage.recall@10"):
        found.append("Evidence that was not retrieved: " + listed(_not_retrieved(question, answer)))
    if lacks("citation.sources") and not answer["refused"]:
        groups = " · ".join(" or ".join(group) for group in question.source_groups)
        found.append(f"Not every needed source is cited: {groups}")
    if lacks("citation.recall"):
        found.append("A statement is not held by the spans it cites.")
    if lacks("citation.in place"):
        found.append("A quote does not stand where its citation says.")
    if lacks("news.hedge"):
        found.append(f"The hedge is lost: {listed(question.hedges)}")
    if lacks("news.denial"):
        found.append(f"The denial is omitted: {listed(question.denials)}")
    if lacks("news.copies"):
        found.append("Copies of one story are cited as if they were two.")
    if lacks("news.in time"):
        found.append(f"An article published after {question.as_of} is cited.")
    return found


def _not_retrieved(question: EvalQuestion, answer: Mapping[str, Any]) -> tuple[str, ...]:
    texts = [plain(passage["text"]).casefold() for passage in answer["passages"][: CUTOFFS[-1]]]
    return tuple(
        sentence
        for sentence in question.evidence_sentences
        if not any(stands_in(plain(sentence).casefold(), text) for text in texts)
    )
