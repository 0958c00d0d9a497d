"""The embedding model that comes with the requirements, and what happens with another."""

from pathlib import Path

import numpy as np
import pytest

from index.embedding import SentenceTransformerEmbedder
from index.errors import ModelError
from index.tokens import count_prompt_tokens


@pytest.mark.models
def test_vectors_have_length_one_and_are_near_when_texts_agree(embedder: SentenceTransformerEmbedder) -> None:
    vectors = embedder.vectors(
        ["The ferry fare will rise.", "Boat tickets get dearer.", "Hamas denied the report."]
    )
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


@pytest.mark.models
def test_a_long_text_is_read_to_its_end(embedder: SentenceTransformerEmbedder) -> None:
    """The model cuts off after 256 tokens without a word; the windows must not."""
    filler = "It was a quiet day in the harbour. " * 60
    plain, with_end = embedder.vectors([filler, filler + "Then Hamas denied the report."])
    assert plain @ with_end < 0.999
    question = embedder.vectors(["Did Hamas deny the report?"])[0]
    assert question @ with_end > question @ plain


@pytest.mark.models
def test_it_is_a_langchain_embeddings(embedder: SentenceTransformerEmbedder) -> None:
    (document,) = embedder.embed_documents(["It rained."])
    assert np.allclose(document, embedder.embed_query("It rained."), atol=0.02)
    assert embedder.embed_documents([]) == []


def test_the_embedders_own_tokens_are_counted_not_words() -> None:
    embedder = SentenceTransformerEmbedder()
    assert embedder.max_tokens == 254
    assert embedder.count_tokens(["Khamenei", "the", ""]) == [4, 1, 0]
    text = "Khamenei met Haniyeh in Tehran. " * 50
    spans = embedder.cut(text, 40)
    assert max(embedder.count_tokens([text[start:end] for start, end in spans])) <= 40
    assert "".join(text[start:end] for start, end in spans).replace(" ", "") == text.replace(" ", "")


def test_damaged_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = SentenceTransformerEmbedder()
    (tmp_path / "model.safetensors").write_bytes(b"not the published weights")
    monkeypatch.setattr(embedder, "_folder", tmp_path)
    with pytest.raises(ModelError, match=r"are not the published ones.\n.*pip install"):
        embedder.fingerprint  # noqa: B018


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no config.json"),
        ({"config.json": "{"}, "no config.json"),
        ({"config.json": "{}"}, "no tokenizer"),
    ],
)
def test_a_folder_that_is_no_model_says_what_is_missing(
    files: dict[str, str], reason: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ModelError, match=f"{reason}.*\n.*"):
        SentenceTransformerEmbedder(str(tmp_path))


def test_a_model_that_would_have_to_be_fetched_is_named_when_it_cannot_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="no embedding model 'nobody/nothing'.*\n.*EMBEDDING_MODEL"):
        SentenceTransformerEmbedder("nobody/nothing")


def test_prompt_tokens_are_counted_without_a_download() -> None:
    """The network is blocked in every test; tiktoken would fetch its vocabulary."""
    assert count_prompt_tokens("Hamas denied the report.") == 6
    assert count_prompt_tokens("<|endoftext|>") > 1, "what an article says is never a special token"
    assert count_prompt_tokens("") == 0
