from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest

from rag.answer import Answer, Turn
from web.snapshots import snapshots


def test_every_answer_arrives_in_order_and_the_assistant_is_asked_with_the_history(newsroom: Any) -> None:
    assistant = newsroom.assistant(lambda question, history: newsroom.bridge_answer(question), 0)
    history = (Turn("before"),)

    async def collect() -> list[Answer]:
        return [answer async for answer in snapshots(assistant, "q", history)]

    assert asyncio.run(collect()) == list(newsroom.told(newsroom.bridge_answer("q")))
    assert assistant.asked == [{"question": "q", "history": [Turn("before")]}]


def test_what_the_assistant_raises_is_raised_after_the_answers_before_it(newsroom: Any) -> None:
    class Breaks:
        def stream(self, _: object, /) -> Iterator[Answer]:
            yield newsroom.bridge_answer("q")
            raise ValueError("broken")

    seen = []

    async def collect() -> None:
        async for answer in snapshots(Breaks(), "q", ()):
            seen.append(answer)

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(collect())
    assert seen == [newsroom.bridge_answer("q")]


def test_closing_returns_at_once_and_the_assistant_is_not_asked_for_more(newsroom: Any) -> None:
    released, over = threading.Event(), threading.Event()
    given = []

    class Slow:
        def stream(self, _: object, /) -> Iterator[Answer]:
            try:
                for number in range(3):
                    given.append(number)
                    yield newsroom.bridge_answer("q")
                    released.wait(10)
            finally:
                over.set()

    async def take_one() -> float:
        async with aclosing(snapshots(Slow(), "q", ())) as answers:
            await anext(answers)
            began = time.monotonic()
        closing_seconds = time.monotonic() - began
        released.set()
        assert await asyncio.to_thread(over.wait, 5)
        return closing_seconds

    assert asyncio.run(take_one()) < 1
    assert given == [0, 1]  # the step it was in, and none after it
