"""The chat page. Gradio carries the events and the session; what is seen is HTML of our own."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from rag.answer import Turn
from web.contracts import Assistant, GetFacts, GetStarters
from web.rendering import Stage, render_live, render_notice, render_past, render_turn, render_welcome
from web.snapshots import snapshots
from web.source_notes import NO_SOURCES, render_past_sources, render_sources

log = logging.getLogger(__name__)

MAX_QUESTION_CHARACTERS = 2_000
_MAX_STARTERS = 4
_STARTERS_WAIT_SECONDS = 2.0  # between two looks at whether they have been found
_QUESTIONS_AT_ONCE = 16  # beyond it questions wait their turn; each one holds a thread

_HERE = Path(__file__).parent
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='6' fill='%238C2F2B'/%3E"
    "%3Cpath d='M8 10h16M8 16h16M8 22h9' stroke='%23FBFAF7' stroke-width='3'/%3E%3C/svg%3E"
)

Turns = tuple[Turn, ...]
Updates = dict[Any, Any]  # what Gradio takes from an event: component → new value or gr.update(...)


def mount_page(app: FastAPI, assistant: Assistant, facts: GetFacts, starters: GetStarters) -> None:
    """Mounts the page at "/". It takes every path that `app` does not know yet, so mount it last."""
    css = (_HERE / "page.css").read_text(encoding="utf-8")
    js = (_HERE / "page.js").read_text(encoding="utf-8")
    # Not css=: Gradio would rewrite its selectors, and :root and .dark would no longer match.
    head = f'<link rel="icon" href="{_ICON}"><style>{css}</style><script>{js}</script>'
    gr.mount_gradio_app(
        app,
        ChatPage(assistant, facts, starters).blocks,
        path="/",
        theme=_theme(),
        head=head,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size=0,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )


def _theme() -> gr.themes.Base:
    """Gradio's bare theme on our paper, so that nothing flashes before the style sheet is there."""
    return gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]).set(
        body_background_fill="#FBFAF7",
        body_background_fill_dark="#171614",
        body_text_color="#1B1A18",
        body_text_color_dark="#ECE8E1",
    )


class ChatPage:
    """The layout of the page and what its events do. `blocks` is what Gradio mounts.

    A question that is being answered, and the sources it rests on, stand in components of their
    own (`now`, `now_sources`), so that a long conversation is not sent again with each statement.
    """

    def __init__(self, assistant: Assistant, facts: GetFacts, starters: GetStarters) -> None:
        self._assistant = assistant
        self._facts = facts
        self._starters = starters
        with gr.Blocks(title="Dateline", analytics_enabled=False, fill_width=True) as self.blocks:
            self._lay_out()
            self._connect()

    def _lay_out(self) -> None:
        self.turns = gr.State(())
        self.failed_question = gr.State("")
        with gr.Row(elem_id="dl-masthead"):
            gr.HTML("<h1>Dateline</h1>", js_on_load=None, apply_default_css=False)
            self.new = _button("New conversation", "dl-new", visible=False)
        with gr.Row(elem_id="dl-page"):
            with gr.Column(elem_id="dl-conversation"):
                self._lay_out_conversation()
            with gr.Column(elem_id="dl-sources"):
                _html(
                    '<div class="dl-sheet-head"><h2>Sources</h2><button type="button" class="dl-close">Close'
                    "</button></div>"
                )
                self.now_sources = _html(NO_SOURCES)
                self.past_sources = _html("")

    def _lay_out_conversation(self) -> None:
        with gr.Column(elem_id="dl-first") as self.first:
            self.welcome = _html("")
            self.starters_wanted = gr.Timer(_STARTERS_WAIT_SECONDS, active=False)
            with gr.Column(elem_id="dl-starters", visible=False) as self.starter_list:
                _html("<h2>Try one of these</h2>")
                self.starter_buttons = [_button("", f"dl-starter-{n}") for n in range(_MAX_STARTERS)]
        self.past = _html("")
        with gr.Column(elem_id="dl-now"):
            self.now = _html(render_live(""))
            self.again = _button("Ask again", "dl-again", visible=False)
        with gr.Column(elem_id="dl-composer"):
            self.notice = _html("")
            with gr.Row(elem_id="dl-entry"):
                self.box = gr.Textbox(
                    label="Your question",
                    show_label=False,
                    container=False,
                    placeholder="Ask about the news",
                    lines=1,
                    max_lines=8,
                    elem_id="dl-box",
                    autofocus=True,
                )
                self.ask_button = _button("Ask", "dl-ask")
                self.stop_button = _button("Stop", "dl-stop", visible=False)

    def _connect(self) -> None:
        shown = [
            self.turns, self.failed_question, self.new, self.now_sources, self.past_sources, self.first,
            self.welcome, self.starters_wanted, self.starter_list, *self.starter_buttons, self.past, self.now, self.again,
            self.notice, self.box, self.ask_button, self.stop_button,
        ]  # fmt: skip
        quiet: dict[str, Any] = {"outputs": shown, "show_progress": "hidden", "api_visibility": "private"}
        asking = quiet | {"concurrency_limit": _QUESTIONS_AT_ONCE, "concurrency_id": "ask"}
        entered = [self.box.submit, self.ask_button.click]
        asked = [
            gr.on(entered, self._ask_typed, [self.box, self.turns], **asking),
            self.again.click(self._ask, [self.failed_question, self.turns], **asking),
            *(button.click(self._ask, [button, self.turns], **asking) for button in self.starter_buttons),
        ]
        self.stop_button.click(self._stopped, [self.turns], cancels=asked, queue=False, **quiet)
        self.new.click(self._opened, None, cancels=asked, queue=False, **quiet)
        self.blocks.load(self._opened, None, queue=False, **quiet)
        self.starters_wanted.tick(self._starters_found, None, queue=False, **quiet)

    def _opened(self) -> Updates:
        """The page as it first stands: no conversation, and what is in the library today."""
        try:
            welcome = render_welcome(self._facts())
            starters = self._starters_found()
        except Exception:
            log.exception("The first screen could not say what is in the library")
            welcome, starters = render_notice("The library cannot be read just now. The log says why."), {}
        return (
            self._idle()
            | starters
            | {
                self.turns: (),
                self.failed_question: "",
                self.first: gr.update(visible=True),
                self.welcome: welcome,
                self.past: "",
                self.now: render_live(""),
                self.notice: "",
                self.new: gr.update(visible=False),
                self.now_sources: NO_SOURCES,
                self.past_sources: "",
            }
        )

    def _starters_found(self) -> Updates:
        """The starter questions, or another look in a while when they are still being found."""
        starters = self._starters() if self._facts().articles else ()
        buttons = [*(starters or [])[:_MAX_STARTERS], *[""] * _MAX_STARTERS][:_MAX_STARTERS]
        return {
            self.starters_wanted: gr.Timer(active=starters is None),
            self.starter_list: gr.update(visible=bool(starters)),
            **{
                button: gr.update(value=words, visible=bool(words))
                for button, words in zip(self.starter_buttons, buttons, strict=True)
            },
        }

    async def _ask_typed(self, question: str, turns: Turns) -> AsyncIterator[Updates]:
        """Asks what is in the box, and only then empties it. A question that is too long stays, whole.

        The same event empties it: while a question is being answered Gradio ignores this one, and an
        event of its own would throw away what was never asked.
        """
        question = question.strip()
        if not question:
            yield {self.notice: ""}  # after no update at all, Gradio would empty every component
        elif len(question) > MAX_QUESTION_CHARACTERS:
            yield {self.notice: render_notice(_too_long(question))}
        else:
            yield {self.box: ""}
            async for updates in self._ask(question, turns):
                yield updates

    async def _ask(self, question: str, turns: Turns) -> AsyncIterator[Updates]:
        """Shows the question at once, then every Answer as it becomes known, then that it has ended."""
        number = len(turns) + 1
        turn = Turn(question)
        try:
            yield self._asked(turns, turn) | self._shown(turn, number, Stage.WORKING)
            async for answer in snapshots(self._assistant, question, turns):
                turn = Turn(question, answer)
                stage = Stage.ENDED if answer.complete else Stage.WORKING
                yield {self.turns: (*turns, turn)} | self._shown(turn, number, stage)
            yield self._idle() | self._shown(turn, number, Stage.ENDED)
        except Exception:
            log.exception("A question was not answered")
            yield (
                self._idle()
                | self._shown(turn, number, Stage.FAILED)
                | {
                    self.turns: turns,
                    self.failed_question: question,
                    self.again: gr.update(visible=True),
                }
            )

    def _asked(self, turns: Turns, turn: Turn) -> Updates:
        return {
            self.turns: (*turns, turn),
            self.notice: "",
            self.first: gr.update(visible=False),
            self.starters_wanted: gr.Timer(active=False),
            self.past: render_past(turns),
            self.past_sources: render_past_sources(turns),
            self.again: gr.update(visible=False),
            self.new: gr.update(visible=True),
            self.ask_button: gr.update(visible=False),
            self.stop_button: gr.update(visible=True),
        }

    def _shown(self, turn: Turn, number: int, stage: Stage) -> Updates:
        searching = turn.answer is None and stage is Stage.WORKING
        articles = self._facts().articles if searching else 0
        return {
            self.now: render_live(render_turn(turn, number, stage, articles)),
            self.now_sources: render_sources(turn, number),
        }

    def _stopped(self, turns: Turns) -> Updates:
        """Keeps what was there when the person pressed Stop."""
        shown = self._shown(turns[-1], len(turns), Stage.ENDED) if turns else {}
        return self._idle() | shown

    def _idle(self) -> Updates:
        return {
            self.ask_button: gr.update(visible=True),
            self.stop_button: gr.update(visible=False),
            self.again: gr.update(visible=False),
        }


def _too_long(question: str) -> str:
    return (
        f"A question can have {MAX_QUESTION_CHARACTERS:,} characters; this one has {len(question):,}. "
        "Nothing of it was removed: shorten it and ask again."
    )


def _html(value: str) -> gr.HTML:
    """A place for our own HTML. Gradio shows `value` as it is: nothing in it is taken for a template."""
    return gr.HTML(value, js_on_load=None, apply_default_css=False)


def _button(words: str, elem_id: str, *, visible: bool = True) -> gr.Button:
    return gr.Button(words, elem_id=elem_id, visible=visible, min_width=0, size="sm")
