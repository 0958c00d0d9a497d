"""Settings of the assistant, on top of the library's."""

from __future__ import annotations

from pydantic import Field

from index.settings import LibrarySettings


class AssistantSettings(LibrarySettings):
    """What `rag/` can be told."""

    top_k: int = Field(default=8, ge=1, le=50, description="How many passages an answer is composed from.")
    fetch_k: int = Field(
        default=50, ge=1, le=500, description="How many chunks each index gives before they are fused."
    )
    max_statements: int = Field(default=3, ge=1, le=10, description="The most statements in one answer.")
