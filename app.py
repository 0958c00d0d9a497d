"""Starts Dateline: settings → library → assistant → web page."""

from __future__ import annotations

import sys

from index.command_line import ProgressBar, run
from index.embedding import SentenceTransformerEmbedder
from index.library import Library
from rag.assistant import Assistant
from rag.suggesting import Suggestions
from web.server import create_app, serve
from web.settings import WebSettings


def main() -> int:
    settings = WebSettings.from_environment()
    embedder = SentenceTransformerEmbedder(settings.embedding_model)
    with (
        ProgressBar() as progress,
        Library(settings.data_dir, embedder, create=True, progress=progress) as library,
    ):
        assistant = Assistant.from_settings(library, settings)
        with Suggestions(library, assistant) as suggestions:
            serve(create_app(assistant, library.facts, suggestions), settings.web_host, settings.web_port)
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
