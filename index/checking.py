"""Checking: whether all that a library stores agrees, and mending what can be mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from index.chunking import text_to_embed
from index.library import Library
from index.store import Store

_BATCH = 2_000
_LENGTH_TOLERANCE = 1e-3  # float32 rounding leaves a unit vector within 1e-6 of length 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not agree, and whether `repair` mends it."""

    what: str
    repairable: bool


def check(library: Library) -> list[Problem]:
    """Everything found wrong; empty for a sound library. Changes nothing."""
    store = library.store
    problems = [Problem(f"the file {store.path.name}: {line}", False) for line in store.integrity_errors()]
    problems += [Problem(what, False) for what in _text_problems(store)]
    bad = _chunks_without_good_vector(store)
    if bad:
        problems.append(Problem(f"{len(bad)} chunks have no usable vector", True))
    chunk_ids = set(store.chunk_ids())
    for name, ids in library.indexed_ids().items():
        if missing := len(chunk_ids - ids):
            problems.append(Problem(f"the {name} index lacks {missing} chunks", True))
        if extra := len(ids - chunk_ids):
            problems.append(Problem(f"the {name} index has {extra} chunks of no article", True))
    return problems


def repair(library: Library) -> list[Problem]:
    """Mends what can be mended and checks again; returns what is left.

    Vectors that are missing or damaged are embedded again. Open the library with `rebuild` for it: that
    makes the indexes again.
    """
    store = library.store
    bad = _chunks_without_good_vector(store)
    for start in range(0, len(bad), _BATCH):
        found = store.chunks(bad[start : start + _BATCH])
        texts = [text_to_embed(article, chunk, library.embedder) for chunk, article in found.values()]
        store.set_vectors(found, library.embedder.vectors(texts))
    if bad:
        library.rebuild_indexes()
    return check(library)


def _text_problems(store: Store) -> Iterator[str]:
    """Articles and chunks whose texts do not belong together."""
    for article in store.articles():
        if article.content_hash != store.content_hash(article.id):
            yield f"article {article.id} is not what was added (its content hash differs)"
        chunks = store.chunks_of(article.id)
        if not chunks:
            yield f"article {article.id} has no chunks"
        for chunk in chunks:
            inside = 0 <= chunk.start < chunk.end <= len(article.text)
            whole = all(chunk.start <= start < end <= chunk.end for start, end in chunk.sentences)
            if not inside or not whole or not chunk.sentences:
                yield f"chunk {chunk.number} of article {article.id} lies outside of its text"


def _chunks_without_good_vector(store: Store) -> list[int]:
    ids = store.chunk_ids()
    good: set[int] = set()
    for start in range(0, len(ids), _BATCH):
        present, vectors = store.vectors(ids[start : start + _BATCH])
        lengths = np.linalg.norm(vectors, axis=1)
        good |= {i for i, length in zip(present, lengths, strict=True) if abs(length - 1) < _LENGTH_TOLERANCE}
    return sorted(set(ids) - good)
