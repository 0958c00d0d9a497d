"""The web server: the FastAPI app around the chat page, its security headers, and uvicorn."""

from __future__ import annotations

import socket
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import SettingError
from web.contracts import Assistant, GetFacts, GetStarters
from web.page import mount_page

_SECURITY_HEADERS = {
    # Gradio compiles its templates in the browser ('unsafe-eval') and starts from inline scripts.
    # 'script-src-attr none' takes the sting out of that: markup that slipped through could carry
    # an event handler, but no handler in an attribute ever runs.
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
            "script-src-attr 'none'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# Gradio takes files from anybody even where no part of the page asks for one.
_REFUSED_PATHS = ("/gradio_api/upload", "/gradio_api/process_recording")

_CLOSING_SECONDS = 3  # open tabs hold a connection; without a limit they keep the server from stopping


def create_app(assistant: Assistant, facts: GetFacts, starters: GetStarters) -> FastAPI:
    """The whole web side as an ASGI app, ready for `serve` or for any other ASGI server."""
    app = FastAPI(title="Dateline", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    mount_page(app, assistant, facts, starters)
    return app


def serve(app: FastAPI, host: str, port: int) -> None:
    """Says where the page is, and runs until SIGINT or SIGTERM.

    Raises SettingError if the address cannot be listened on.
    """
    with _listen(host, port) as listener:
        address = f"[{host}]" if ":" in host else host
        print(f"Dateline is at http://{address}:{listener.getsockname()[1]} (Ctrl-C stops it)", flush=True)
        config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=_CLOSING_SECONDS)
        with suppress(KeyboardInterrupt):  # uvicorn raises it again once all is closed
            uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingError(
            f"The server cannot listen on {host}, port {port}: {error}.",
            "Another program may use this port: stop it, or set WEB_PORT (and WEB_HOST) to another address.",
        ) from error
    return listener


class Guard:
    """Puts the security headers on every response, and refuses what the page has no use for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_SECURITY_HEADERS)
            await send(message)

        refused = scope["path"].rstrip("/").startswith(_REFUSED_PATHS)
        app = PlainTextResponse("Not found", status_code=404) if refused else self.app
        await app(scope, receive, send_guarded)
