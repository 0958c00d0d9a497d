"""Citation scores: whether the cited spans hold what the statements say, and the needed articles are cited."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rag.evaluation.catalogue import Catalogue
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.wording import plain, stands_in
from rag.terms import terms, words

_QUOTED = re.compile(r'"([^"]+)"')
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATIONS = frozenset("no not never none neither nor without cannot".split())


def citation_scores(
    question: EvalQuestion, answer: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, float]:
    """The scores of an answer's citations; none of a refusal, except that it cites no source.

    `recall` and `precision` follow ALCE (Gao et al., "Enabling large language models to generate text
    with citations", EMNLP 2023), with two changes: what is judged is the cited span, not the whole
    passage, and by its words (see `holds`), not by a model. Recall is the share of statements that their
    spans together hold; precision the share of citations that are needed: the statement is held, and
    either this span alone holds it or the others do not. `cited` is the share of statements with any
    citation, `in place` the share of citations whose quote stands in its passage at the place it names,
    `verbatim` the share of quotations that a cited span holds character by character. `sources` is the
    share of the needed sources that are cited, `right source` that of citations of a needed source.
    """
    scores: dict[str, float] = {}
    citations = {citation["number"]: citation for citation in answer["citations"]}
    if answer["statements"]:
        held, needed, quotations = [], [], []
        for statement in answer["statements"]:
            spans = [citations[n]["quote"] if n in citations else "" for n in statement["citations"]]
            held.append(holds(statement, spans))
            needed += [held[-1] and _is_needed(statement, spans, place) for place in range(len(spans))]
            quotations += [
                any(stands_in(text, plain(span)) for span in spans) for text in quotations_of(statement)
            ]
        scores["citation.recall"] = _share(held)
        scores["citation.precision"] = _share(needed) if needed else 0.0
        scores["citation.cited"] = _share([bool(s["citations"]) for s in answer["statements"]])
        if quotations:
            scores["citation.verbatim"] = _share(quotations)
    if citations:
        passages = {passage["number"]: passage for passage in answer["passages"]}
        scores["citation.in place"] = _share(
            [is_in_place(c, passages.get(c["passage"])) for c in citations.values()]
        )
    if question.sources and question.answerable is not False:
        groups = catalogue.groups(question.source_groups)
        cited = {citation["article_id"] for citation in citations.values()}
        scores["citation.sources"] = _share([bool(group & cited) for group in groups])
        if citations:
            right = frozenset().union(*groups)
            scores["citation.right source"] = _share([c["article_id"] in right for c in citations.values()])
    return scores


def holds(statement: Mapping[str, Any], spans: Sequence[str]) -> bool:
    """Whether the cited spans together hold what a statement says.

    A verbatim statement stands in one of them character by character (quotation marks, dashes and spaces
    made plain). Of any other, every number and every word that carries meaning, in its dictionary form,
    stands in them, and they deny if and only if it does.
    """
    text = plain(statement["text"])
    if statement["verdict"] == "verbatim":
        return any(stands_in(text, plain(span)) for span in spans)
    cited = " ".join(spans)
    if not cited.strip() or not set(_NUMBER.findall(text)) <= set(_NUMBER.findall(cited)):
        return False
    said = {word for word in terms(text) if not _is_negation(word)}
    return bool(said) and said <= set(terms(cited)) and _denies(text) == _denies(cited)


def quotations_of(statement: Mapping[str, Any]) -> list[str]:
    """What a statement claims to quote: all of it when it is verbatim, else the words in quotation marks."""
    text = plain(statement["text"])
    return [text] if statement["verdict"] == "verbatim" else _QUOTED.findall(text)


def is_in_place(citation: Mapping[str, Any], passage: Mapping[str, Any] | None) -> bool:
    """Whether the quote is exactly what stands at `start:end` of the passage that is named, of the same article.

    A span that begins or ends within a word is not in place: nobody quotes that.
    """
    if passage is None or citation["article_id"] != passage["article_id"]:
        return False
    start, end = citation["start"] - passage["start"], citation["end"] - passage["start"]
    text = passage["text"]
    stands = 0 <= start < end <= len(text) and text[start:end] == citation["quote"]
    return bool(stands) and not any(_is_within_word(text, place) for place in (start, end))


def _is_within_word(text: str, place: int) -> bool:
    return text[place - 1 : place].isalnum() and text[place : place + 1].isalnum()


def _is_needed(statement: Mapping[str, Any], spans: Sequence[str], place: int) -> bool:
    others = [span for other, span in enumerate(spans) if other != place]
    return holds(statement, [spans[place]]) or not holds(statement, others)


def _denies(text: str) -> bool:
    return any(map(_is_negation, words(text)))


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)
