"""Adding: articles from files into a fresh library, where the time goes, and the same once more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import index.building
from benchmarks.made import made_articles
from benchmarks.measuring import Clock, peak_memory_mb, table
from index.article import Article, stated
from index.building import add_articles
from index.command_line import ProgressBar
from index.embedding import SentenceTransformerEmbedder
from index.library import Library


def run(articles: int, progress: ProgressBar) -> None:
    """Prints the speed of adding that many made articles, by step, and the memory it took."""
    with tempfile.TemporaryDirectory() as temporary:
        files, folder = Path(temporary) / "articles", Path(temporary) / "library"
        files.mkdir()
        for number, article in enumerate(made_articles(articles)):
            (files / f"{number:06}.md").write_text(_markdown(article), encoding="utf-8")
        embedder = SentenceTransformerEmbedder()
        embedder.vectors(["so that loading the model is no part of what is measured"])
        memory = peak_memory_mb()
        with Library(folder, embedder, create=True) as library:
            first, again = Clock(), Clock()
            with _clocks() as steps, first.running():
                _expect("added", articles, library, files, progress)
            with again.running():
                _expect("unchanged", articles, library, files, progress)
            chunks = library.facts().chunks
    seconds = {step: sum(clock.wall) for step, clock in steps.items()}
    seconds["storing"] -= seconds["indexing"]  # indexing is the end of `Library.add`
    total = first.wall[0]
    seconds["the rest"] = total - sum(seconds.values())
    table(
        f"Adding {articles} articles ({chunks} chunks) to a fresh library",
        ["", "seconds", "share", "articles / s", "chunks / s"],
        [
            ["all", total, "100 %", articles / total, chunks / total],
            *([f"  {step}", s, f"{s / total:.1%}", articles / s, chunks / s] for step, s in seconds.items()),
            ["the same again", again.wall[0], f"{again.wall[0] / total:.1%}", articles / again.wall[0], ""],
        ],
    )
    print(f"Peak memory: {peak_memory_mb():,.0f} MB, of which {memory:,.0f} MB are Python and the model.")


@contextmanager
def _clocks() -> Iterator[dict[str, Clock]]:
    """A clock around each step of adding, by the name of the step."""
    around = [
        ("reading", index.building, "read"),
        ("chunking", index.building, "chunk_article"),
        ("embedding", SentenceTransformerEmbedder, "vectors"),
        ("storing", Library, "add"),
        ("indexing", Library, "_follow"),
    ]
    clocks = {step: Clock() for step, _, _ in around}
    with ExitStack() as stack:
        for step, owner, name in around:
            stack.enter_context(patch.object(owner, name, clocks[step].wrap(getattr(owner, name))))
        yield clocks


def _expect(status: str, articles: int, library: Library, files: Path, progress: ProgressBar) -> None:
    found = [report.status for report in add_articles(library, [files], progress)]
    if found != [status] * articles:
        raise RuntimeError(f"Not every article was {status}: the benchmark does not measure what it says.")


def _markdown(article: Article) -> str:
    facts = {
        "headline": article.headline,
        "outlet": article.outlet,
        "byline": article.byline,
        "published": stated(article.published),
    }
    lines = [f'{name}: "{value}"' for name, value in facts.items()]
    return "\n".join(["---", *lines, "---", "", article.text, ""])
