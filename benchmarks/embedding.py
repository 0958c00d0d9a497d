"""Embedding: what bfloat16 gains, on a processor that computes with it, over float32."""

from __future__ import annotations

from itertools import islice

from benchmarks.made import made_articles, made_questions
from benchmarks.measuring import Clock, p50, p95, side_by_side
from index.chunking import chunk_article, text_to_embed
from index.command_line import ProgressBar
from index.embedding import SentenceTransformerEmbedder

_PASSAGES = 64  # in each round, as many as are embedded at once when articles are added
_ROUNDS = 7
_QUESTIONS = 100


def run(progress: ProgressBar) -> None:
    """Prints the speed of both; only says so where the processor has no bfloat16."""
    half, full = SentenceTransformerEmbedder(), SentenceTransformerEmbedder()
    if not _is_bfloat16(half):
        print("\nEmbedding: this processor does not compute with bfloat16, so there is nothing to compare.")
        return
    full._model.float()
    passages = _passages(half)
    for embedder in (half, full):
        embedder.vectors(passages)  # the first time is slower
    adding, asking = (Clock(), Clock()), (Clock(), Clock())
    for number in range(_ROUNDS):
        progress("Embedding passages", number, _ROUNDS)
        for embedder, clock in zip((half, full), adding, strict=True):
            with clock.running():
                embedder.vectors(passages)
    for number, question in enumerate(made_questions(_QUESTIONS)):
        progress("Embedding questions", number, _QUESTIONS)
        for embedder, clock in zip((half, full), asking, strict=True):
            with clock.running():
                embedder.vectors([question])
    side_by_side(
        f"Embedding: {half.name}, passages of up to 160 tokens",
        "bfloat16",
        "float32",
        [
            ("passages a second", _PASSAGES / p50(adding[0].wall), _PASSAGES / p50(adding[1].wall)),
            ("question p50, ms", p50(asking[0].wall) * 1e3, p50(asking[1].wall) * 1e3),
            ("question p95, ms", p95(asking[0].wall) * 1e3, p95(asking[1].wall) * 1e3),
        ],
    )


def _is_bfloat16(embedder: SentenceTransformerEmbedder) -> bool:
    return str(next(embedder._model.parameters()).dtype) == "torch.bfloat16"


def _passages(embedder: SentenceTransformerEmbedder) -> list[str]:
    texts = (
        text_to_embed(article, chunk, embedder)
        for article in made_articles(_PASSAGES)
        for chunk in chunk_article(article, embedder)
    )
    return list(islice(texts, _PASSAGES))
