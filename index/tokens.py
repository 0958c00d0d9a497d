"""Tokens: the one place that counts them.

Chunks are measured in the tokens of the model that embeds them, because that model cuts off what is
too long without a word. Prompts for chat models are measured with tiktoken's cl100k_base; no two chat
models agree on tokens, and a budget needs one honest estimate. Its vocabulary lies beside this file
(tiktoken would download it), so counting never touches the network.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from index.article import Span
from index.errors import ModelError

if TYPE_CHECKING:
    import tiktoken

_VOCABULARY = Path(__file__).parent / "vocabulary" / "cl100k_base.tiktoken"
_VOCABULARY_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"  # as tiktoken pins it
_CL100K_PATTERN = (  # tiktoken_ext.openai_public.cl100k_base
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)


class EmbeddingTokens:
    """Counts and cuts in the tokens of an embedding model, special tokens not included."""

    def __init__(self, tokenizer_file: Path) -> None:
        """ModelError when the file is no `tokenizer.json`."""
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelError(
                f"The embedding model has no tokenizer that can be read: {tokenizer_file}.",
                "Choose a model that comes with a tokenizer.json (nearly all do).",
            ) from error
        # The file of all-MiniLM-L6-v2 has truncation and padding to 128 baked in.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def cut(self, text: str, max_tokens: int) -> list[Span]:
        """Spans of `text` that hold at most `max_tokens` each and leave out nothing but white space.

        They end at white space where there is any. Empty text gives no span.
        """
        spans: list[Span] = []
        start = 0
        while start < len(text):
            rest = text[start:]
            end = start + self._prefix(rest, max_tokens)
            spans.append((start, end))
            start = end + len(text[end:]) - len(text[end:].lstrip())
        return spans

    def _prefix(self, text: str, max_tokens: int) -> int:
        """Length of the longest prefix worth taking: at least one character, at most `max_tokens`."""
        # More characters than this are never needed: it bounds the work on a text of megabytes.
        window = text[: max_tokens * _MAX_CHARS_PER_TOKEN]
        offsets = self._tokenizer.encode(window, add_special_tokens=False).offsets
        if len(offsets) <= max_tokens and len(window) == len(text):
            return len(text)
        end = max(1, offsets[max_tokens][0] if len(offsets) > max_tokens else len(window))
        while True:
            space = max(window.rfind(" ", 0, end + 1), window.rfind("\n", 0, end + 1))
            candidate = space if space > 0 else end
            # Cutting within a word can give its halves more tokens than the whole had.
            if candidate == 1 or self.count([window[:candidate]])[0] <= max_tokens:
                return candidate
            end = candidate - 1


_MAX_CHARS_PER_TOKEN = 100  # WordPiece reads no word longer than this; it becomes one [UNK]


def count_prompt_tokens(text: str) -> int:
    """The number of cl100k_base tokens in `text`; names of special tokens in it count as plain text.

    >>> count_prompt_tokens("Iran denied it.")
    4
    """
    return len(_cl100k().encode_ordinary(text))


@cache
def _cl100k() -> tiktoken.Encoding:
    import tiktoken

    raw = _VOCABULARY.read_bytes()
    if hashlib.sha256(raw).hexdigest() != _VOCABULARY_SHA256:
        raise ModelError(
            f"The vocabulary {_VOCABULARY} is damaged.", "Restore it from the repository: git checkout index/"
        )
    ranks = {
        base64.b64decode(token): int(rank) for token, rank in (line.split() for line in raw.splitlines())
    }
    return tiktoken.Encoding("cl100k_base", pat_str=_CL100K_PATTERN, mergeable_ranks=ranks, special_tokens={})
