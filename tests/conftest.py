"""What every test gets: no network, and its own empty library."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.embedding import SentenceTransformerEmbedder
from index.library import Library
from tests.fakes import WordEmbedder


class NetworkUsed(Exception):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine can be reached: a connection or a name look-up elsewhere raises NetworkUsed."""
    connect = socket.socket.connect
    look_up = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise NetworkUsed(address)
        connect(self, address)

    def guarded_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in (None, "127.0.0.1", "::1", "localhost", "0.0.0.0"):
            raise NetworkUsed(host)
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library", WordEmbedder(), create=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def embedder() -> SentenceTransformerEmbedder:
    """The real embedding model, loaded once; for tests marked `models`."""
    return SentenceTransformerEmbedder()
