from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from index.errors import DatelineError
from web.server import serve


@pytest.fixture(scope="module")
def client(newsroom: Any, build_app: Any) -> Iterator[TestClient]:
    assistant = newsroom.assistant(lambda question, history: newsroom.bridge_answer(question), 0)
    with TestClient(build_app(assistant, newsroom.facts)) as client:
        yield client


def test_the_page_is_there_and_is_called_dateline(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert '<html\n\tlang="en"' in page.text
    assert '"title":"Dateline"' in page.text.replace('": "', '":"')


@pytest.mark.parametrize("path", ["/", "/config", "/nowhere", "/gradio_api/upload"])
def test_every_response_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "connect-src 'self'", "frame-ancestors 'self'"} <= set(policy)
    assert "script-src-attr 'none'" in policy
    assert "http" not in headers["content-security-policy"]  # nowhere but here
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/upload/", "/gradio_api/process_recording"]
)
def test_nobody_can_leave_a_file_here(client: TestClient, path: str) -> None:
    assert client.post(path, files={"files": ("a.txt", b"x")}).status_code == 404


def test_the_events_of_the_page_are_no_public_api(client: TestClient) -> None:
    assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}


def test_gradio_reports_nothing_and_shows_no_footer(client: TestClient) -> None:
    config = client.get("/config").json()
    assert config["analytics_enabled"] is False
    assert config["footer_links"] == []
    assert config["run_history"] is False


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/monitoring"])
def test_there_is_no_page_about_the_server(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (403, 404)


def test_a_port_in_use_is_an_error_that_says_what_to_do(client: TestClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DatelineError) as caught:
            serve(client.app, "127.0.0.1", port)  # type: ignore[arg-type]
    assert f"cannot listen on 127.0.0.1, port {port}" in caught.value.message
    assert "set WEB_PORT" in caught.value.hint
