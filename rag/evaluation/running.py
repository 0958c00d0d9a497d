"""Running: questions asked and scored, one after the other or several at once."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from index.library import Progress
from rag.evaluation.catalogue import Catalogue
from rag.evaluation.clients import Client
from rag.evaluation.measures import missed, score_answer
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.scorecard import Result, Scorecard

_log = logging.getLogger(__name__)


def ask_all(
    client: Client, questions: Sequence[EvalQuestion], catalogue: Catalogue, concurrency: int = 1
) -> Iterator[Result]:
    """A result for each question as soon as it is there, `concurrency` of them asked at a time.

    Stopping the iteration asks no more; what is being asked then is waited for and dropped. A question
    that cannot be asked gives a result with its error, and the others go on.
    """
    with ThreadPoolExecutor(concurrency, thread_name_prefix="question") as pool:
        asked = [pool.submit(_result, client, question, catalogue) for question in questions]
        try:
            for answered in as_completed(asked):
                yield answered.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _result(client: Client, question: EvalQuestion, catalogue: Catalogue) -> Result:
    try:
        answer = client.ask(question)
        scores = score_answer(question, answer, catalogue)
        return Result(question, answer, scores, tuple(missed(question, answer, scores)))
    except Exception as error:  # of whatever answers: it must be counted, and must not end the run
        _log.debug("question %s failed", question.id, exc_info=True)
        return Result(question, None, failed_scores(question), error=f"{type(error).__name__}: {error}")


def failed_scores(question: EvalQuestion) -> dict[str, float]:
    """What a question without an answer scores: it is not right, if it says what is right; nothing else is known."""
    knows = question.answerable is False or (question.answerable and (question.answers or question.evidence))
    return {"right": 0.0} if knows else {}


def evaluate(
    client: Client,
    questions: Sequence[EvalQuestion],
    catalogue: Catalogue,
    *,
    settings: dict[str, Any] | None = None,
    concurrency: int = 1,
    progress: Progress | None = None,
    done: Sequence[Result] = (),
    on_result: Callable[[Result], None] | None = None,
) -> Scorecard:
    """Asks the questions and gives the scorecard, with the results in the order of the questions.

    `catalogue` is what their `sources` are looked up in. `done` are results of an earlier run that need not be asked again. Ctrl-C ends the run early: the scorecard of what is done then
    says so (`complete`).
    """
    results = {result.id: result for result in done}
    left = [question for question in questions if question.id not in results]
    started = time.perf_counter()
    complete = True
    try:
        for result in ask_all(client, left, catalogue, concurrency):
            results[result.id] = result
            if on_result:
                on_result(result)
            if progress:
                progress("Asking", len(results), len(questions))
    except KeyboardInterrupt:
        complete = False
    seconds = time.perf_counter() - started
    asked = len(results) - len(done)
    machine = {
        "seconds": round(seconds, 2),
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
