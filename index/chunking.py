"""Chunking: an article cut into runs of whole sentences that its embedding model can read whole."""

from __future__ import annotations

from collections.abc import Sequence

from index.article import Article, Chunk, Span, StatedTime
from index.embedding import Embedder
from index.sentences import sentence_spans

# Of 249 questions on news (OneStopQA), the passage that answers is among the first eight for 82 % with
# chunks of 80 tokens, 94 % with 160 and 98 % with 200. But the sentence that is chosen from them is right as
# often with 160 as with 200 (.55 and .54; on XQuAD .79 and .78), and a shorter passage is read faster.
CHUNK_TOKENS = 160
_HEADER_SHARE = 0.2  # of what the model reads: enough for a headline, an outlet and a date


def chunk_article(article: Article, embedder: Embedder, chunk_tokens: int = CHUNK_TOKENS) -> list[Chunk]:
    """The chunks of an article, in order; together they hold every sentence of it.

    `article.text[chunk.start:chunk.end] == chunk.text`. Neighbours share one sentence, where both have
    room for it. What is embedded (`text_to_embed`) never exceeds what the model reads. A sentence
    longer than a chunk, and only such a one, is cut, at white space. Empty text gives no chunk.
    """
    room = min(chunk_tokens, embedder.max_tokens - embedder.count_tokens([_header(article, embedder)])[0])
    sentences = _sentences_that_fit(article.text, embedder, room)
    tokens = embedder.count_tokens([article.text[start:end] for start, end in sentences])
    chunks: list[Chunk] = []
    for first, last in _runs(tokens, room):
        start, end = sentences[first][0], sentences[last - 1][1]
        spans = tuple(sentences[first:last])
        chunks.append(Chunk(article.id, len(chunks), start, end, article.text[start:end], spans))
    return chunks


def text_to_embed(article: Article, chunk: Chunk, embedder: Embedder) -> str:
    """What stands for a chunk in the vector index: headline, outlet and date, then its text."""
    return f"{_header(article, embedder)}\n{chunk.text}"


def searchable_date(when: StatedTime | None) -> str:
    """A date in the words and figures a question may use; empty when it is not stated.

    >>> from datetime import date
    >>> searchable_date(date(2023, 11, 5))
    '5 November 2023'
    """
    return f"{when.day} {when:%B %Y}" if when else ""


def _header(article: Article, embedder: Embedder) -> str:
    parts = [article.headline, article.outlet, searchable_date(article.published)]
    header = " | ".join(part for part in parts if part)
    spans = embedder.cut(header, int(embedder.max_tokens * _HEADER_SHARE))
    return header[: spans[0][1]] if spans else ""


def _sentences_that_fit(text: str, embedder: Embedder, room: int) -> list[Span]:
    spans = sentence_spans(text)
    fitting: list[Span] = []
    for (start, end), tokens in zip(spans, embedder.count_tokens([text[a:b] for a, b in spans]), strict=True):
        if tokens <= room:
            fitting.append((start, end))
        else:
            fitting += [(start + a, start + b) for a, b in embedder.cut(text[start:end], room)]
    return fitting


def _runs(tokens: Sequence[int], room: int) -> list[Span]:
    """First and last (exclusive) sentence of each chunk.

    >>> _runs([4, 4, 4, 4], room=10)
    [(0, 2), (1, 3), (2, 4)]
    >>> _runs([4, 9, 4], room=10)
    [(0, 1), (1, 2), (2, 3)]
    """
    runs: list[Span] = []
    first = last = 0
    while last < len(tokens):
        total = sum(tokens[first:last])
        while last < len(tokens) and total + tokens[last] <= room:
            total += tokens[last]
            last += 1
        runs.append((first, last))
        # Begin again with the last sentence, unless the next would then not fit beside it.
        overlap = last < len(tokens) and last - first > 1 and tokens[last - 1] + tokens[last] <= room
        first = last - 1 if overlap else last
    return runs
