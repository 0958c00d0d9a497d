"""Stand-ins that make the fast tests fast. For tests only."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.article import Article
from index.building import Report, add_articles
from index.embedding import Embedder, Vectors
from index.library import Library


class WordEmbedder(Embedder):
    """Vectors that are near when texts share words; its tokens are the words."""

    name = "words"
    max_tokens = 60

    def __init__(self, name: str = "words") -> None:
        self.name = name
        self.embedded = 0
        """How many texts it was asked to embed."""

    @property
    def fingerprint(self) -> str:
        return f"fingerprint of {self.name}"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def cut(self, text: str, max_tokens: int) -> list[tuple[int, int]]:
        words = [match.span() for match in re.finditer(r"\S+", text)]
        runs = [words[i : i + max_tokens] for i in range(0, len(words), max_tokens)]
        return [(run[0][0], run[-1][1]) for run in runs]

    def vectors(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        vectors = np.full((len(texts), 64), 1e-3, np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[zlib.crc32(word.encode()) % 64] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(lengths == 0, 1, lengths), np.float32)


def add_texts(library: Library, folder: Path, texts: dict[str, str]) -> list[Report]:
    """Writes the texts to files in `folder` and adds them; the keys are file names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(add_articles(library, [folder / name for name in texts]))


def only_article(library: Library) -> Article:
    (article,) = library.articles()
    return article
