"""Settings of the assistant, on top of the library's."""

from __future__ import annotations

from pydantic import Field

from index.settings import LibrarySettings

DEFAULT_READER_MODEL = "embedded"  # the one in rag/embedded_reader/


class AssistantSettings(LibrarySettings):
    """What `rag/` can be told."""

    reader_model: str = Field(
        default=DEFAULT_READER_MODEL,
        description="Model that finds the answers in the passages: the one that comes with Dateline, or the folder "
        "or Hugging Face name of an extractive question-answering model (then it is fetched once).",
    )
    top_k: int = Field(default=8, ge=1, le=50, description="How many passages an answer is composed from.")
    read_k: int = Field(
        default=16,
        ge=1,
        le=100,
        description="How many passages are read at most to find the best TOP_K among them.",
    )
    fetch_k: int = Field(
        default=50, ge=1, le=500, description="How many chunks each index gives before they are fused."
    )
    max_statements: int = Field(default=3, ge=1, le=10, description="The most statements in one answer.")
