"""`python -m index`: add, list, show, remove and check the articles of a library."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.article import Article, stated
from index.command_line import ProgressBar, add_common_options, run
from index.errors import DatelineError
from index.settings import LibrarySettings
from index.store import Store

if TYPE_CHECKING:
    from index.library import Library


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 all done, 1 something failed and is named, 2 nothing could be done."""
    return run(lambda: _main(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m index", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, help_text: str, action: Any) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        add_common_options(sub)
        sub.set_defaults(action=action)
        return sub

    add = command("add", "Add articles: files, or folders of files.", _add)
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    command("list", "List the articles, newest first.", _list)
    show = command("show", "Show one article with its text.", _show)
    show.add_argument("id")
    remove = command("remove", "Remove articles from the library (their files stay).", _remove)
    remove.add_argument("ids", nargs="+", metavar="ID")
    check = command("check", "Check that all that is stored agrees.", _check)
    check.add_argument("--repair", action="store_true", help="mend what can be mended")
    return parser


def _main(options: argparse.Namespace) -> int:
    settings = LibrarySettings.from_environment()
    folder: Path = options.data or settings.data_dir
    return int(options.action(options, folder, settings))


def _own(
    folder: Path,
    settings: LibrarySettings,
    progress: ProgressBar,
    *,
    create: bool = False,
    rebuild: bool = False,
) -> Library:
    """The library of these settings, opened as its owner."""
    from index.embedding import SentenceTransformerEmbedder
    from index.library import Library

    embedder = SentenceTransformerEmbedder(settings.embedding_model)
    return Library(folder, embedder, create=create, rebuild=rebuild, progress=progress)


def _add(options: argparse.Namespace, folder: Path, settings: LibrarySettings) -> int:
    from index.building import add_articles
    from index.reading import READERS

    counts = {"added": 0, "updated": 0, "unchanged": 0, "failed": 0}
    with ProgressBar() as progress, _own(folder, settings, progress, create=True) as library:
        for report in add_articles(library, options.paths, progress):
            counts[report.status] += 1
            if options.json:
                fields = {"path": report.path, "status": report.status}
                if report.article:
                    fields |= {"id": report.article.id, "headline": report.article.title}
                progress.print(json.dumps(fields | ({"reason": report.reason} if report.reason else {})))
            elif report.status == "failed":
                progress.print(f"failed     {report.reason}", file=sys.stderr)
            elif report.status != "unchanged" and report.article:
                progress.print(f"{report.status:10} {report.article.id}  {report.article.title}")
        facts = library.facts()
    if not options.json:
        print(
            ", ".join(f"{number} {status}" for status, number in counts.items() if number)
            or f"No articles found: files that end in {', '.join(READERS)} are read."
        )
        print(f"The library in {folder} holds {facts.articles} articles in {facts.chunks} chunks.")
    if not counts["failed"]:
        return 0 if sum(counts.values()) else 2
    return 2 if counts["failed"] == sum(counts.values()) else 1


def _list(options: argparse.Namespace, folder: Path, settings: LibrarySettings) -> int:
    store = Store(folder, read_only=True)
    for article in store.articles():
        if options.json:
            print(json.dumps(_fields(article), ensure_ascii=False))
        else:
            day = (stated(article.published) or "no date")[:10]
            print(f"{article.id}  {day:10}  {article.outlet or article.credit or '-':24.24}  {article.title}")
    store.close()
    return 0


def _show(options: argparse.Namespace, folder: Path, settings: LibrarySettings) -> int:
    from index.library import unknown_article

    store = Store(folder, read_only=True)
    article = store.article(options.id)
    chunks = len(store.chunks_of(options.id))
    store.close()
    if article is None:
        raise unknown_article(options.id)
    if options.json:
        print(json.dumps(_fields(article) | {"chunks": chunks, "text": article.text}, ensure_ascii=False))
    else:
        for name, value in _fields(article).items():
            print(f"{name + ':':10} {value if value is not None else 'not stated'}")
        print(f"{'chunks:':10} {chunks}\n\n{article.text}")
    return 0


def _remove(options: argparse.Namespace, folder: Path, settings: LibrarySettings) -> int:
    failures = 0
    with ProgressBar() as progress, _own(folder, settings, progress) as library:
        for article_id in options.ids:
            try:
                library.remove(article_id)
            except DatelineError as error:
                failures += 1
                if options.json:
                    print(json.dumps({"id": article_id, "status": "failed", "reason": str(error)}))
                else:
                    print(error, file=sys.stderr)
            else:
                print(
                    json.dumps({"id": article_id, "status": "removed"})
                    if options.json
                    else f"removed    {article_id}"
                )
    return (2 if failures == len(options.ids) else 1) if failures else 0


def _check(options: argparse.Namespace, folder: Path, settings: LibrarySettings) -> int:
    from index.checking import check, repair

    # --repair does not so much as open the old indexes: a badly damaged one could end the process.
    with ProgressBar() as progress, _own(folder, settings, progress, rebuild=options.repair) as library:
        problems = repair(library) if options.repair else check(library)
        facts = library.facts()
    if options.json:
        print(
            json.dumps(
                {"articles": facts.articles, "chunks": facts.chunks, "problems": [p.what for p in problems]}
            )
        )
    else:
        for problem in problems:
            mend = "mended by --repair" if problem.repairable else "remove the article, or restore a backup"
            print(f"{problem.what} ({mend})")
        state = f"{len(problems)} problems" if problems else "sound"
        print(f"{facts.articles} articles, {facts.chunks} chunks: {state}.")
    return 1 if problems else 0


def _fields(article: Article) -> dict[str, str | None]:
    return {
        "id": article.id,
        "headline": article.headline,
        "outlet": article.outlet,
        "byline": article.byline,
        "section": article.section,
        "published": stated(article.published),
        "modified": stated(article.modified),
        "credit": article.credit,
        "url": article.url,
        "path": article.path,
    }


if __name__ == "__main__":
    sys.exit(main())
