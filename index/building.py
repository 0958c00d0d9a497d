"""Building: article files in, a library that holds them out, with a report for each file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.article import Article
from index.chunking import chunk_article, text_to_embed
from index.errors import ReadError
from index.library import Library, Prepared, Progress
from index.reading import find_files, read

_BATCH_CHUNKS = 64  # about two seconds of embedding on two cores: what is lost at most when it is killed
_CHARS_PER_CHUNK = 700  # about 160 tokens of news


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one article, or of a file that holds none (`article` is None, `reason` says why).

    When it says added or updated, the article is stored durably and is found by the next question.
    """

    path: str
    status: Literal["added", "updated", "unchanged", "failed"]
    article: Article | None = None
    reason: str | None = None


def add_articles(
    library: Library, paths: Sequence[Path], progress: Progress | None = None
) -> Iterator[Report]:
    """Adds the articles of files and folders; yields a report for each as soon as it is certain.

    A file that cannot be read is reported and the others go on. An article whose content is in the
    library already is left as it is. Stopping the iteration keeps what was reported.
    """
    files = list(find_files(paths))
    waiting: list[Article] = []
    for done, file in enumerate(files):
        if progress:
            progress("Adding articles", done, len(files))
        try:
            for article in read(_identity(file)):
                if any(article.content_hash == other.content_hash for other in waiting):
                    yield from _store(library, waiting)
                    waiting = []
                if known := library.recognise(article):
                    yield Report(article.path or "", "unchanged", known)
                else:
                    waiting.append(article)
        except ReadError as error:
            yield Report(_printable(file), "failed", reason=str(error))
        if _is_batch(waiting):
            yield from _store(library, waiting)
            waiting = []
    yield from _store(library, waiting)
    if progress:
        progress("Adding articles", len(files), len(files))


def add_read_articles(
    library: Library, articles: Sequence[Article], progress: Progress | None = None
) -> Iterator[Report]:
    """Adds articles that were read elsewhere, as `add_articles` does; no two of them have the same content."""
    waiting: list[Article] = []
    for done, article in enumerate(articles):
        if progress:
            progress("Adding articles", done, len(articles))
        waiting.append(article)
        if _is_batch(waiting):
            yield from _store(library, waiting)
            waiting = []
    yield from _store(library, waiting)
    if progress:
        progress("Adding articles", len(articles), len(articles))


def _is_batch(articles: Sequence[Article]) -> bool:
    return sum(len(article.text) for article in articles) >= _BATCH_CHUNKS * _CHARS_PER_CHUNK


def _identity(file: Path) -> Path:
    """The path that an article is known by: the same from whatever folder it is named."""
    try:
        path = file.resolve()
        str(path).encode()
    except (OSError, RuntimeError) as error:  # a link to itself
        raise ReadError(f"{_printable(file)}: the link leads nowhere.", "Name the file itself.") from error
    except UnicodeEncodeError as error:
        raise ReadError(f"{_printable(file)}: its name is not UTF-8.", "Rename the file.") from error
    return path


def _printable(file: Path) -> str:
    return str(file.absolute()).encode(errors="replace").decode()


def _store(library: Library, articles: Sequence[Article]) -> Iterator[Report]:
    """Chunks, embeds and stores articles together: the model reads many texts at once the faster."""
    embedder = library.embedder
    chunked = [(article, chunk_article(article, embedder)) for article in articles]
    texts = [text_to_embed(article, chunk, embedder) for article, chunks in chunked for chunk in chunks]
    vectors = embedder.vectors(texts)
    prepared = []
    for article, chunks in chunked:
        prepared.append(Prepared(article, chunks, vectors[: len(chunks)]))
        vectors = vectors[len(chunks) :]
    for article, (stored, status) in zip(articles, library.add(prepared), strict=True):
        yield Report(article.path or "", status, stored)
