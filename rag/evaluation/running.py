"""Running: questions asked and scored, one after the other or several at once."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from index.library import Progress
from rag.evaluation.answer_scores import answer_scores
from rag.evaluation.catalogue import Catalogue
from rag.evaluation.clients import Client
from rag.evaluation.measures import missed, score_answer
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.refusal_scores import is_right
from rag.evaluation.scorecard import Result, Scorecard, checked_answer

_log = logging.getLogger(__name__)


def ask_all(
    client: Client,
    questions: Sequence[EvalQuestion],
    catalogue: Catalogue,
    concurrency: int = 1,
    searched: bool = True,
) -> Iterator[Result]:
    """A result for each question as soon as it is there, `concurrency` of them asked at a time.

    Stopping the iteration asks no more; what is being asked then is waited for and dropped. A question
    that cannot be asked gives a result with its error, and the others go on.
    """
    with ThreadPoolExecutor(concurrency, thread_name_prefix="question") as pool:
        asked = [pool.submit(_result, client, question, catalogue, searched) for question in questions]
        try:
            for answered in as_completed(asked):
                yield answered.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _result(client: Client, question: EvalQuestion, catalogue: Catalogue, searched: bool) -> Result:
    try:
        return scored(question, checked_answer(client.ask(question)), catalogue, searched)
    except Exception as error:  # of whatever answers: it must be counted, and must not end the run
        _log.debug("question %s failed", question.id, exc_info=True)
        return Result(question, None, failed_scores(question), error=f"{type(error).__name__}: {error}")


def scored(
    question: EvalQuestion, answer: Mapping[str, Any], catalogue: Catalogue, searched: bool = True
) -> Result:
    """The result of an answer that is there."""
    scores = score_answer(question, answer, catalogue, searched)
    return Result(question, answer, scores, tuple(missed(question, answer, scores)))


def failed_scores(question: EvalQuestion) -> dict[str, float]:
    """What a question without an answer scores: it says nothing, and so is not right, refused or not."""
    nothing = {"refused": True, "statements": [], "citations": []}
    scores = answer_scores(question, nothing) if question.answerable else {}
    judged = is_right(question, nothing, scores) is not None
    return {"right": 0.0, **scores} if judged else scores


def evaluate(
    client: Client,
    questions: Sequence[EvalQuestion],
    catalogue: Catalogue,
    *,
    settings: Mapping[str, Any] | None = None,
    concurrency: int = 1,
    searched: bool = True,
    progress: Progress | None = None,
    done: Sequence[Result] = (),
    on_result: Callable[[Result], None] | None = None,
) -> Scorecard:
    """Asks the questions and gives the scorecard, with the results in the order of the questions.

    `catalogue` is what their `sources` are looked up in (`catalogue.unknown(question)` lists the names it
    does not have). `searched` is false when the client answers from given passages. `done` are results of
    an earlier run whose answers are scored, but not asked for again. Ctrl-C ends the run early: the
    scorecard of what is done then says so (`complete`). ValueError when two questions have one id.
    """
    if len({question.id for question in questions}) < len(questions):
        raise ValueError("two questions have the same id")
    results = {
        result.id: scored(result.asked, result.answer, catalogue, searched) if result.answer else result
        for result in done
    }
    left = [question for question in questions if question.id not in results]
    started = time.perf_counter()
    complete = True
    try:
        for result in ask_all(client, left, catalogue, concurrency, searched):
            results[result.id] = result
            if on_result:
                on_result(result)
            if progress:
                progress("Asking", len(results) - len(done), len(left))
    except KeyboardInterrupt:
        complete = False
    seconds = time.perf_counter() - started
    asked = len(results) - len(done)
    machine = {
        "seconds": round(seconds, 2) if not done else None,
        "questions_per_second": round(asked / seconds, 3) if asked else None,
        "peak_memory_mb": peak_memory_mb(),
    }
    ordered = [results[question.id] for question in questions if question.id in results]
    return Scorecard.of(ordered, settings or {}, machine, complete)


def peak_memory_mb() -> float | None:
    """The most memory this process has held so far, in MB (10^6 bytes); None on Windows."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
