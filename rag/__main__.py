"""`python -m rag`: ask a question, search the passages of a library, or evaluate the answers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from index.command_line import ProgressBar, add_common_options, run
from rag.answer import Statement
from rag.eval_command import add_eval_command
from rag.settings import AssistantSettings


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 answered or found, 1 refused or nothing found, 2 could not be done; `eval` has its own."""
    options = _parser().parse_args(arguments)
    options.check(options)
    return run(lambda: int(options.action(options)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rag", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ask = commands.add_parser("ask", help="Answer a question with cited sentences.")
    ask.add_argument("question")
    ask.add_argument(
        "--after",
        action="append",
        default=[],
        metavar="QUESTION",
        help="an earlier question of the conversation; repeat it for more, oldest first",
    )
    ask.set_defaults(action=_on_library(_ask))
    search = commands.add_parser("search", help="Show the passages that a question is answered from.")
    search.add_argument("query")
    search.set_defaults(action=_on_library(_search))
    for command, asked in ((ask, "question"), (search, "query")):
        add_common_options(command)
        command.set_defaults(check=_is_not_empty(command, asked))
    add_eval_command(commands)
    return parser


def _is_not_empty(command: argparse.ArgumentParser, asked: str) -> Callable[[argparse.Namespace], None]:
    def check(options: argparse.Namespace) -> None:
        if not getattr(options, asked).strip():
            command.error("ask something: the question is empty")

    return check


def _on_library(action: Callable[[argparse.Namespace, Any, AssistantSettings], int]) -> Callable[..., int]:
    """`action` on the library that the options and settings name."""

    def opened(options: argparse.Namespace) -> int:
        settings = AssistantSettings.from_environment()

        from index.embedding import SentenceTransformerEmbedder
        from index.library import Library

        with ProgressBar() as progress:
            embedder = SentenceTransformerEmbedder(settings.embedding_model)
            with Library(options.data or settings.data_dir, embedder, progress=progress) as library:
                return action(options, library, settings)

    return opened


def _ask(options: argparse.Namespace, library: Any, settings: AssistantSettings) -> int:
    from index.chunking import searchable_date
    from rag.assistant import Assistant

    assistant = Assistant.from_settings(library, settings)
    history = assistant.conversation(options.after)
    answer = assistant.invoke({"question": options.question, "history": history})
    if options.json:
        print(json.dumps(answer.to_json(), ensure_ascii=False))
        return int(answer.refused)
    if answer.standalone_question != answer.question:
        print(f"Understood as: {answer.standalone_question}\n")
    if answer.refusal:
        print(answer.refusal.text)
        if answer.refusal.nearest:
            print(f"Nearest article: {answer.refusal.nearest.title} ({answer.refusal.nearest.id})")
    for statement in answer.statements:
        print(f"{_marked(statement)} {''.join(f'[{number}]' for number in statement.citations)}")
    for citation in answer.citations:
        article = citation.article
        day = searchable_date(article.published) or "date not stated"
        outlet = article.outlet or article.credit or "outlet not stated"
        print(
            f"\n[{citation.number}] {article.title}\n    {outlet}, {day} · {article.id}:{citation.start}-{citation.end}",
            end="",
        )
    print()
    return int(answer.refused)


def _marked(statement: Statement) -> str:
    """The statement, on a terminal with the words that answer in bold."""
    if statement.span is None or not sys.stdout.isatty():
        return statement.text
    start, end = statement.span
    return f"{statement.text[:start]}\033[1m{statement.text[start:end]}\033[0m{statement.text[end:]}"


def _search(options: argparse.Namespace, library: Any, settings: AssistantSettings) -> int:
    from rag.answer import passage_to_json
    from rag.reader import reader_of
    from rag.retrieval import HybridRetriever

    reader = reader_of(settings.reader_model)
    passages = HybridRetriever.from_settings(library, settings, reader).passages(options.query)
    for passage in passages:
        if options.json:
            print(json.dumps(passage_to_json(passage), ensure_ascii=False))
        else:
            article = passage.article
            print(
                f"{passage.number}. {article.title} ({article.outlet or '-'}, {article.id}), score {passage.score:.4f}"
            )
            print(f"   {' '.join(passage.chunk.text.split())}\n")
    return int(not passages)


if __name__ == "__main__":
    sys.exit(main())
