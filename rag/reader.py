"""Reader: where a passage answers a question, if it does, by a model that reads the two together.

The embedded reader (`rag/embedded_reader/`, see the model card there) runs on onnxruntime, without torch.
Any other extractive question-answering model of Hugging Face transformers can stand in its place.
"""

from __future__ import annotations

import hashlib
import pickle
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from rag.settings import DEFAULT_READER_MODEL

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Logits = NDArray[np.float32]

_FOLDER = Path(__file__).parent / "embedded_reader"
_SHA256 = {
    "model.onnx": "7e2b8b35e6f2fb91ad89cf797bfdd912b1b17a8cb07b11506e47dbdfa6d3b8f6",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# The embedded reader was trained on windows of so many tokens that overlap by so many.
MAX_TOKENS = 288
STRIDE = 96
_MAX_QUESTION_TOKENS = 96  # of longer ones the end is left out, so that there is room for the passage
_MAX_HEADING_TOKENS = 48
_MAX_SPAN_TOKENS = 48  # the longest of 99.9 % of the answers it was trained on
_BATCH_TOKENS = (
    2_048  # together with their padding; 8 windows of 256 take 284 ms for 16, 4 take 320, 16 take 291
)


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """A piece of a passage that may answer: `start` and `end` are characters of the passage's text.

    `score` is its logit less that of "there is no answer" in the same window: the log-odds of the two.
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class _Window:
    """The tokens of a passage that were read together.

    `offsets` has the characters of each token, shape (tokens, 2); `start` and `end` the logits that an
    answer starts and ends there, shape (tokens,); `nothing` the logit that none does.
    """

    offsets: NDArray[np.int64]
    start: Logits
    end: Logits
    nothing: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of one passage."""

    windows: tuple[_Window, ...]

    def best_span(self, start: int, end: int) -> AnswerSpan | None:
        """The best answer within the characters `start` to `end` of the passage; None where no token is."""
        spans = [span for window in self.windows if (span := _best_span(window, start, end))]
        return max(spans, key=lambda span: span.score, default=None)


def _best_span(window: _Window, start: int, end: int) -> AnswerSpan | None:
    inside = np.flatnonzero((window.offsets[:, 0] >= start) & (window.offsets[:, 1] <= end))
    if not len(inside):
        return None
    starts, ends = window.start[inside], window.end[inside]
    count = len(inside)
    allowed = np.triu(np.ones((count, count), bool)) & ~np.triu(
        np.ones((count, count), bool), _MAX_SPAN_TOKENS
    )
    scores = np.where(allowed, starts[:, None] + ends[None, :], -np.inf)
    first, last = divmod(int(scores.argmax()), count)
    offsets = window.offsets[inside]
    score = float(scores[first, last]) - window.nothing
    return AnswerSpan(int(offsets[first, 0]), int(offsets[last, 1]), score)


class Reader(ABC):
    """Reads a question and passages together; one is safe to use from several threads."""

    name: str

    @abstractmethod
    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """A Reading for each passage: its heading (it is read with it, and holds no answer) and its text.

        A text too long for the model is read in windows that overlap, so that no word of it is left out.
        """


class _WindowReader(Reader):
    """A reader whose model sees windows of tokens."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        tokenizer = self._tokenizer
        question = _beginning(tokenizer, question, _MAX_QUESTION_TOKENS)
        prefixes = [
            headline_prefix(_beginning(tokenizer, heading, _MAX_HEADING_TOKENS)) for heading, _ in passages
        ]
        texts = [prefix + text for prefix, (_, text) in zip(prefixes, passages, strict=True)]
        encoded = tokenizer.encode_batch([(question, text) for text in texts])
        parts = [(n, part) for n, whole in enumerate(encoded) for part in (whole, *whole.overflowing)]
        windows: list[list[_Window]] = [[] for _ in passages]
        for batch in _batches(parts):
            starts, ends = self._logits(*_arrays([part for _, part in batch]))
            for row, (n, part) in enumerate(batch):
                windows[n].append(_window(part, texts[n], len(prefixes[n]), starts[row], ends[row]))
        return [Reading(tuple(found)) for found in windows]

    @property
    @abstractmethod
    def _tokenizer(self) -> Tokenizer:
        """Cuts question and passage together into windows, and does not pad."""

    @abstractmethod
    def _logits(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[Logits, Logits]:
        """The logits of starts and ends; all arrays have the shape (windows, tokens)."""


def headline_prefix(headline: str) -> str:
    """What stands before a passage that is read under a headline; empty for an empty one.

    >>> headline_prefix("Talks resume"), headline_prefix("Will talks resume?")
    ('Talks resume. ', 'Will talks resume? ')
    """
    headline = headline.strip()
    if not headline:
        return ""
    return f"{headline} " if headline.endswith((".", "!", "?")) else f"{headline}. "


def _beginning(tokenizer: Tokenizer, text: str, max_tokens: int) -> str:
    """As much of `text` as `max_tokens` tokens hold. It is put second, since what is second is cut."""
    encoded = tokenizer.encode("", text)
    ends = [end for (_, end), place in zip(encoded.offsets, encoded.sequence_ids, strict=True) if place == 1]
    return text[: ends[max_tokens - 1]] if len(ends) > max_tokens else text


def _batches(parts: Sequence[tuple[int, Encoding]]) -> Iterator[list[tuple[int, Encoding]]]:
    """The parts, those of like length together, in batches of at most _BATCH_TOKENS tokens."""
    batch: list[tuple[int, Encoding]] = []
    for part in sorted(parts, key=lambda item: len(item[1].ids)):
        if batch and (len(batch) + 1) * len(part[1].ids) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(part)
    if batch:
        yield batch


def _arrays(encoded: Sequence[Encoding]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Token ids, attention mask and token types, each of shape (windows, tokens)."""
    shape = len(encoded), max(len(part.ids) for part in encoded)
    ids, mask, types = (np.zeros(shape, np.int64) for _ in range(3))
    for row, part in enumerate(encoded):
        ids[row, : len(part.ids)] = part.ids
        mask[row, : len(part.ids)] = 1
        types[row, : len(part.ids)] = part.type_ids
    return ids, mask, types


def _window(part: Encoding, text: str, prefix: int, start: Logits, end: Logits) -> _Window:
    """The tokens of the passage's own text, after its prefix. The first token of all stands for "no answer"."""
    # For some tokenizers the space before a word is a part of its first token.
    spaces = [len(text[first:last]) - len(text[first:last].lstrip()) for first, last in part.offsets]
    offsets = np.array(part.offsets, np.int64)
    offsets[:, 0] += spaces
    of_passage = np.array([sequence == 1 for sequence in part.sequence_ids])
    tokens = np.flatnonzero(of_passage & (offsets[:, 1] > offsets[:, 0]) & (offsets[:, 0] >= prefix))
    return _Window(offsets[tokens] - prefix, start[tokens], end[tokens], float(start[0] + end[0]))


class EmbeddedReader(_WindowReader):
    """The reader that comes with Dateline, loaded when it is first needed."""

    name = DEFAULT_READER_MODEL

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._folder = folder
        self._loading = Lock()  # several threads may need it first

    @property
    def _tokenizer(self) -> Tokenizer:
        return self._loaded[0]

    @property
    def _loaded(self) -> tuple[Tokenizer, Any]:
        with self._loading:
            return self._load

    @cached_property
    def _load(self) -> tuple[Tokenizer, Any]:
        """The tokenizer and the session of onnxruntime."""
        import onnxruntime
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self._checked("tokenizer.json").decode())
        cut_into_windows(tokenizer)
        options = onnxruntime.SessionOptions()
        # Threads that wait for work by spinning take the processor from everything else on a small server.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(
            self._checked("model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        return tokenizer, session

    def _checked(self, name: str) -> bytes:
        """The content of a file of the model, if it is what was published with this code."""
        try:
            content = (self._folder / name).read_bytes()
        except OSError as error:
            raise ModelError(f"The reader lacks its file {self._folder / name}.", _FETCH_AGAIN) from error
        if hashlib.sha256(content).hexdigest() != _SHA256[name]:
            raise ModelError(f"The reader's file {self._folder / name} was changed.", _FETCH_AGAIN)
        return content

    def _logits(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[Logits, Logits]:
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        start, end = self._loaded[1].run(["start_logits", "end_logits"], given)
        return start, end


_FETCH_AGAIN = "Fetch it again: git checkout -- rag/embedded_reader"


class TransformersReader(_WindowReader):
    """A model that transformers' AutoModelForQuestionAnswering can load, by folder or hub name.

    It should have been trained with questions that have no answer (SQuAD 2.0), or it refuses nothing.
    """

    def __init__(self, model: str) -> None:
        """ModelError when there is no such model, or it is none that marks answers."""
        from safetensors import SafetensorError
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer
        from transformers.utils import logging

        self.name = model
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        local = Path(model).expanduser().is_dir()
        source = str(Path(model).expanduser()) if local else model
        hint = "Set READER_MODEL to the folder or hub name of an extractive question-answering model, or unset it."
        try:
            tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=local)
            loaded, notes = AutoModelForQuestionAnswering.from_pretrained(
                source, local_files_only=local, output_loading_info=True
            )
        except (
            OSError,
            ValueError,
            KeyError,
            RuntimeError,
            SafetensorError,
            pickle.UnpicklingError,
        ) as error:
            raise ModelError(f"The reader {model!r} cannot be loaded: {error}", hint) from error
        if any("qa_outputs" in key for key in notes["missing_keys"]):
            raise ModelError(f"The model {model!r} was not trained to mark answers.", hint)
        if not tokenizer.is_fast or tokenizer.padding_side != "right":
            raise ModelError(f"The model {model!r} has no tokenizer that keeps offsets.", hint)
        self._model = loaded.eval()
        self._windows = tokenizer.backend_tokenizer
        limit = int(getattr(loaded.config, "max_position_embeddings", MAX_TOKENS))
        cut_into_windows(self._windows, min(MAX_TOKENS, limit - 2))
        self._inputs = frozenset(tokenizer.model_input_names)
        self._padding = int(tokenizer.pad_token_id or 0)

    @property
    def _tokenizer(self) -> Tokenizer:
        return self._windows

    def _logits(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], types: NDArray[np.int64]
    ) -> tuple[Logits, Logits]:
        import torch

        given = {
            "input_ids": np.where(mask == 1, ids, self._padding),
            "attention_mask": mask,
            "token_type_ids": types,
        }
        tensors = {name: torch.from_numpy(array) for name, array in given.items() if name in self._inputs}
        with torch.inference_mode():
            answered = self._model(**tensors)
        return answered.start_logits.float().numpy(), answered.end_logits.float().numpy()


def cut_into_windows(tokenizer: Tokenizer, max_tokens: int = MAX_TOKENS) -> None:
    """Sets a tokenizer to cut question and passage into windows of at most so many tokens, and not to pad."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens, stride=STRIDE, strategy="only_second")


def reader_of(model: str) -> Reader:
    """The reader that the setting READER_MODEL names. ModelError when there is none."""
    return EmbeddedReader() if model == DEFAULT_READER_MODEL else TransformersReader(model)
