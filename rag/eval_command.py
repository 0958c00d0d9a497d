"""`python -m rag eval`: its options, and what it does with them."""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.command_line import ProgressBar, print_last
from index.errors import EvaluationError
from rag.settings import AssistantSettings
from rag.words import count_words

if TYPE_CHECKING:
    from index.library import Library
    from rag.evaluation.catalogue import Catalogue
    from rag.evaluation.floors import Floors
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
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of 1 or more")
    return int(text)


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends the program when options do not go together."""
    if not (options.questions or options.compare or options.schema):
        parser.error("name a file of questions")
    if options.compare:
        asks = ("questions", "data", "articles", "gold", "only", "limit", "resume", "junit", "floors")
        if unused := [name for name in asks if getattr(options, name)]:
            parser.error(f"--compare asks nothing: leave out {', '.join(unused)}")
    if options.resume and not options.json:
        parser.error("--resume goes on with what is in a file: name it with --json FILE")
    if options.update and not options.floors:
        parser.error("--update writes floors to a file: name it with --floors FILE")
    if options.reason and not options.update:
        parser.error("--reason is for --update")
    for partial in ("limit", "only", "gold", "resume"):
        if options.floors and getattr(options, partial):
            parser.error(
                f"floors are of all questions, searched for and asked in one run: leave out --{partial}"
            )


def run_eval(options: argparse.Namespace) -> int:
    """The exit code."""
    if options.schema:
        from rag.evaluation.question_file import question_schema

        print(json.dumps(question_schema(), indent=2))
        return 0
    _check_outputs(options)
    return _compare(options) if options.compare else _evaluate(options)


def _check_outputs(options: argparse.Namespace) -> None:
    """EvaluationError when a file could not be written, or would take the place of another: before anything is asked."""
    read = [path.resolve() for path in (*options.questions, *(options.compare or ()))]
    written: list[Path] = []
    for path in filter(None, (options.json, options.report, options.junit, options.markdown, options.floors)):
        if not path.parent.is_dir():
            raise EvaluationError(f"There is no folder {path.parent} for {path.name}.", "Make it first.")
        if path.is_dir():
            raise EvaluationError(f"{path} is a folder.", "Name a file in it.")
        if path.resolve() in read + written:
            raise EvaluationError(
                f"{path} would be overwritten by another file of this run.", "Name another."
            )
        written.append(path.resolve())


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
    print_last(text)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from rag.evaluation.floors import Floors, questions_fingerprint
    from rag.evaluation.results_file import refuse_part

    # CI ends a run by SIGTERM: nothing may be lost then either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = AssistantSettings.from_environment()
    given = _read(options)
    questions = _selected(given.questions, options)
    floors = Floors.read(options.floors) if options.floors else None
    if options.json:
        refuse_part(options.json, options.resume)
    left_out: list[str] = []
    with ProgressBar() as progress, _collection(options, settings, given, progress, left_out) as opened:
        library, catalogue, articles_sha256 = opened
        _check_names(questions, catalogue)
        described = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "questions": [str(path) for path in options.questions],
            "questions_sha256": questions_fingerprint(given.questions),
            "questions_total": len(given.questions),
            "articles": library.facts().articles,
            "articles_sha256": articles_sha256,
            "left_out": left_out,
            "passages": "given" if options.gold else "searched",
            "embedding_model": settings.embedding_model,
            "reader_model": settings.reader_model,
            "top_k": settings.top_k,
            "fetch_k": settings.fetch_k,
            "max_statements": settings.max_statements,
            "concurrency": options.concurrency,
            "platform": f"{platform.machine()}, Python {platform.python_version()}",
        }
        if options.gold:
            sourced = [question for question in questions if question.sources]
            described["unsourced"] = len(questions) - len(sourced)
            questions = sourced
        card = _ask(options, settings, library, catalogue, questions, described, progress)
    code = _held(options, floors, card) if floors else 0
    _write(options, card)
    if not card.complete:
        return 130
    return max(code, int(bool(card.failed)))


def _read(options: argparse.Namespace) -> QuestionSet:
    from rag.evaluation.formats import read_questions
    from rag.evaluation.questions import combined

    return combined([(path, read_questions(path, options.format)) for path in options.questions])


def _selected(questions: Sequence[EvalQuestion], options: argparse.Namespace) -> Sequence[EvalQuestion]:
    if options.only:
        known = {question.id: question for question in questions}
        if unknown := [name for name in options.only if name not in known]:
            raise EvaluationError(
                f"No question has the id {', '.join(map(repr, unknown))}.",
                "--only takes the `id` of a question in the file.",
            )
        questions = [known[name] for name in dict.fromkeys(options.only)]
    return questions[: options.limit]


@contextmanager
def _collection(
    options: argparse.Namespace,
    settings: AssistantSettings,
    given: QuestionSet,
    progress: ProgressBar,
    left_out: list[str],
) -> Iterator[tuple[Library, Catalogue, str]]:
    """The library to ask, what its articles are called, and the fingerprint of them all.

    What cannot be read is told and put into `left_out`.
    """
    from index.embedding import SentenceTransformerEmbedder
    from index.library import Library
    from rag.evaluation.catalogue import Catalogue
    from rag.evaluation.collection import fingerprint, temporary_library

    def leave_out(line: str) -> None:
        _tell(line)
        left_out.append(line)

    embedder = SentenceTransformerEmbedder(settings.embedding_model)
    if options.articles or (given.articles and not options.data):
        with temporary_library(embedder, options.articles, given.articles, progress, leave_out) as (
            library,
            catalogue,
        ):
            yield library, catalogue, fingerprint(library.articles())
    else:
        with Library(options.data or settings.data_dir, embedder, progress=progress) as library:
            yield library, Catalogue.of(library.articles()), fingerprint(library.articles())


def _check_names(questions: Sequence[EvalQuestion], catalogue: Catalogue) -> None:
    from rag.evaluation.tables import shown

    unknown = [
        shown(f"question {question.id}: no article is called {name!r}")
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
    library.embedder.vectors(["warm-up"])  # the model is loaded before the clock runs
    opened = ResultsFile(options.json, described, resume=options.resume) if options.json else nullcontext()
    with opened as file:
        card = evaluate(
            client,
            questions,
            catalogue,
            settings=described,
            concurrency=options.concurrency,
            searched=not options.gold,
            progress=progress,
            done=file.done_of(questions) if file else (),
            on_result=file.add if file else None,
        )
        if file:
            file.finish(card)
        return card


def _held(options: argparse.Namespace, floors: Floors, card: Scorecard) -> int:
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


def _write(options: argparse.Namespace, card: Scorecard) -> None:
    """Writes the reports and, whatever becomes of them, prints the tables."""
    from rag.evaluation.junit import junit_report
    from rag.evaluation.results_file import write_whole
    from rag.evaluation.tables import markdown_report

    for result in card.results:
        if result.error:
            _tell(f"question {result.id} failed: {result.error}")
    if not card.complete:
        on = f" Go on with: --json {options.json} --resume" if options.json else ""
        _tell(f"Stopped after {count_words(len(card.results), 'question')}.{on}")
    text = markdown_report(card)
    try:
        if options.markdown:
            write_whole(options.markdown, text + "\n")
        if options.junit:
            write_whole(options.junit, junit_report(card))
        if options.report:
            from rag.evaluation.report import html_report

            write_whole(options.report, html_report(card))
    finally:
        print_last(text)


def _tell(line: str) -> None:
    from rag.evaluation.tables import shown

    print(shown(line), file=sys.stderr)
