"""Settings of the web side, on top of the assistant's."""

from __future__ import annotations

from pydantic import Field

from rag.settings import AssistantSettings


class WebSettings(AssistantSettings):
    """What `app.py` can be told."""

    web_host: str = Field(
        default="127.0.0.1", description="Address to listen on; 0.0.0.0 lets other machines reach the page."
    )
    web_port: int = Field(
        default=7860, ge=0, le=65_535, description="Port to listen on; 0 takes any free one."
    )
