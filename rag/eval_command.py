"""`python -m rag eval`: its options, and what it does with them."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.command_line import ProgressBar
from index.errors import EvaluationError
from rag.settings import AssistantSettings

if TYPE_CHECKING:
    from index.library import Library
    from rag.evaluation.catalogue import Catalogue
    from rag.evaluation.questions import EvalQuestion, QuestionSet
    from rag.evaluation.scorecard import Scorecard


def add_eval_command(commands: Any) -> None:
    """Adds `eval` to the commands of `python -m rag`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "eval",
        help="Ask the questions of a file and score the answers.",
        description="Asks the questions of one or more files and scores the answers. "
        "The exit code is 0 when all was asked and no floor was missed, 1 otherwise, 2 when nothing could be done.",
    )
    parser.add_argument("questions", nargs="*", type=Path, metavar="QUESTIONS", help="files of questions")
    parser.add_argument(
        "--format", metavar="NAME", help="of the questions, where it is not recognised: see docs/questions.md"
    )
    over = parser.add_mutually_exclusive_group()
    over.add_argument(
        "--data", type=Path, metavar="DIR", help="ask this library (default: DATA_DIR, or data)"
    )
    over.add_argument(
        "--articles",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="ask these files and folders, in a library for this run alone; may be repeated",
    )
    parser.add_argument(
        "--gold", action="store_true", help="answer from each question's own sources instead of searching"
    )
    parser.add_argument("--limit", type=_positive, metavar="N", help="only the first N questions")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ID", help="only this question; may be repeated"
    )
    parser.add_argument(
        "--concurrency", type=_positive, default=1, metavar="N", help="questions asked at a time (default 1)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scorecard and every result")
    parser.add_argument("--resume", action="store_true", help="go on with the run that --json FILE began")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write an HTML page")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables that are printed")
    parser.add_argument("--floors", type=Path, metavar="FILE", help="fail when a score is under its floor")
    parser.add_argument("--update", action="store_true", help="raise the floors to what was reached")
    parser.add_argument(
        "--reason", metavar="TEXT", help="lets --update lower floors, and is written into the file"
    )
    parser.add_argument(
        "--compare", nargs=2, type=Path, metavar=("A", "B"), help="compare two files of --json; asks nothing"
    )
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of a question; asks nothing"
    )
    parser.set_defaults(action=run_eval, check=lambda options: _check(parser, options))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not (options.questions or options.compare or options.schema):
        parser.error("name a file of questions")
    if options.resume and not options.json:
        parser.error("--resume goes on with what is in a file: name it with --json FILE")
    if options.update and not options.floors:
        parser.error("--update writes floors to a file: name it with --floors FILE")
    if options.reason and not options.update:
        parser.error("--reason is for --update")
    if options.floors and (options.limit or options.only):
        parser.error("floors are of all questions: leave out --limit and --only")


def run_eval(options: argparse.Namespace) -> int:
    """The exit code."""
    if options.schema:
        from rag.evaluation.question_file import question_schema

        print(json.dumps(question_schema(), indent=2))
        return 0
    return _compare(options) if options.compare else _evaluate(options)


def _compare(options: argparse.Namespace) -> int:
    from rag.evaluation.comparing import compare
    from rag.evaluation.comparison_report import html_comparison, markdown_comparison
    from rag.evaluation.results_file import write_whole
    from rag.evaluation.scorecard import Scorecard

    found = compare(*map(Scorecard.read, options.compare))
    before, after = map(str, options.compare)
    text = markdown_comparison(found, before, after)
    if options.markdown:
        write_whole(options.markdown, text + "\n")
    if options.json:
        write_whole(options.json, json.dumps(found.to_json(), indent=1, ensure_ascii=False) + "\n")
    if options.report:
        write_whole(options.report, html_comparison(found, before, after))
    print(text)  # last: `| head` may end it
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from rag.evaluation.floors import Floors, questions_fingerprint

    settings = AssistantSettings.from_environment()
    questions_and_articles = _read(options)
    questions = _selected(questions_and_articles.questions, options)
    # What cannot be read or written stops it before it asks.
    floors = Floors.read(options.floors) if options.floors else None
    for path in filter(None, (options.report, options.junit, options.markdown, options.floors)):
        if not path.parent.is_dir():
            raise EvaluationError(f"There is no folder {path.parent} for {path.name}.", "Make it first.")
    with (
        ProgressBar() as progress,
        _collection(options, settings, questions_and_articles, progress) as opened,
    ):
        library, catalogue, articles_sha256 = opened
        _check_names(questions, catalogue)
        described = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "questions": [str(path) for path in options.questions],
            "questions_sha256": questions_fingerprint(questions_and_articles.questions),
            "articles": library.facts().articles,
            "articles_sha256": articles_sha256,
            "passages": "given" if options.gold else "searched",
            "embedding_model": settings.embedding_model,
            "top_k": settings.top_k,
            "fetch_k": settings.fetch_k,
            "max_statements": settings.max_statements,
            "concurrency": options.concurrency,
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
        }
        card = _ask(options, settings, library, catalogue, questions, described, progress)
    code = _write(options, card)
    if floors:
        code = max(code, _hold(options, floors, card))
    return code if card.complete else 130


def _read(options: argparse.Namespace) -> QuestionSet:
    from rag.evaluation.formats import read_questions
    from rag.evaluation.questions import combined

    return combined([(path, read_questions(path, options.format)) for path in options.questions])


def _selected(questions: Sequence[EvalQuestion], options: argparse.Namespace) -> Sequence[EvalQuestion]:
    if options.only:
        known = {question.id: question for question in questions}
        if unknown := [name for name in options.only if name not in known]:
            raise EvaluationError(
                f"No question has the id {', '.join(unknown)}.",
                "--only takes the `id` of a question in the file.",
            )
        questions = [known[name] for name in dict.fromkeys(options.only)]
    return questions[: options.limit]


@contextmanager
def _collection(
    options: argparse.Namespace, settings: AssistantSettings, given: QuestionSet, progress: ProgressBar
) -> Iterator[tuple[Library, Catalogue, str]]:
    """The library to ask, what its articles are called, and the fingerprint of them all."""
    from index.embedding import SentenceTransformerEmbedder
    from index.library import Library
    from rag.evaluation.catalogue import Catalogue
    from rag.evaluation.collection import fingerprint, temporary_library

    embedder = SentenceTransformerEmbedder(settings.embedding_model)
    if options.articles or (given.articles and not options.data):
        with temporary_library(embedder, options.articles, given.articles, progress, _tell) as (
            library,
            catalogue,
        ):
            yield library, catalogue, fingerprint(library.articles())
    else:
        with Library(options.data or settings.data_dir, embedder, progress=progress) as library:
            articles = list(library.articles())
            yield library, Catalogue.of(articles), fingerprint(articles)


def _check_names(questions: Sequence[EvalQuestion], catalogue: Catalogue) -> None:
    unknown = [
        f"question {question.id}: no article is called {name!r}"
        for question in questions
        for name in catalogue.unknown(question)
    ]
    if unknown:
        more = f"\nand {len(unknown) - 20} more" if len(unknown) > 20 else ""
        raise EvaluationError(
            "\n".join(unknown[:20]) + more,
            "Name articles by id, path (or the end of it) or headline, as `python -m index list` shows them, "
            "or ask another collection with --data or --articles.",
        )


def _ask(
    options: argparse.Namespace,
    settings: AssistantSettings,
    library: Library,
    catalogue: Catalogue,
    questions: Sequence[EvalQuestion],
    described: dict[str, Any],
    progress: ProgressBar,
) -> Scorecard:
    from rag.assistant import Assistant
    from rag.evaluation.clients import AssistantClient, Client, GoldClient
    from rag.evaluation.results_file import ResultsFile
    from rag.evaluation.running import evaluate

    client: Client = (
        GoldClient(library, settings, catalogue)
        if options.gold
        else AssistantClient(Assistant.from_settings(library, settings))
    )
    if not options.json:
        return evaluate(
            client,
            questions,
            catalogue,
            settings=described,
            concurrency=options.concurrency,
            progress=progress,
        )
    with ResultsFile(options.json, described, resume=options.resume) as file:
        card = evaluate(
            client,
            questions,
            catalogue,
            settings=described,
            concurrency=options.concurrency,
            progress=progress,
            done=file.done_of(questions),
            on_result=file.add,
        )
        file.finish(card)
        return card


def _write(options: argparse.Namespace, card: Scorecard) -> int:
    """Writes the reports, then prints the tables (`| head` must lose no file); the exit code of the run itself."""
    from rag.evaluation.junit import junit_report
    from rag.evaluation.results_file import write_whole
    from rag.evaluation.tables import markdown_report

    text = markdown_report(card)
    if options.markdown:
        write_whole(options.markdown, text + "\n")
    if options.junit:
        write_whole(options.junit, junit_report(card))
    if options.report:
        from rag.evaluation.report import html_report

        write_whole(options.report, html_report(card))
    print(text)
    for result in card.results:
        if result.error:
            _tell(f"question {result.id} failed: {result.error}")
    if not card.complete:
        _tell(
            f"Stopped after {len(card.results)} questions."
            + (f" Go on with: --json {options.json} --resume" if options.json else "")
        )
    return int(bool(card.failed))


def _hold(options: argparse.Namespace, floors: Any, card: Scorecard) -> int:
    """Checks the floors, or updates them; the exit code."""
    if options.update:
        if card.failed or not card.complete:
            raise EvaluationError(
                "Floors cannot be made of a run with failures.", "Mend what failed, and run again."
            )
        updated = floors.updated(card, options.reason, date.today())
        updated.write(options.floors)
        _tell(f"{options.floors} holds {len(updated.floors)} floors.")
        return 0
    problems = floors.problems(card)
    for problem in problems:
        _tell(f"{options.floors}: {problem}")
    return int(bool(problems))


def _tell(line: str) -> None:
    print(line, file=sys.stderr)
