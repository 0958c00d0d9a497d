"""Snapshots: an assistant's stream of Answers, as something an event loop can wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Sequence

from rag.answer import Answer, Turn
from web.contracts import Assistant


async def snapshots(
    assistant: Assistant, question: str, history: Sequence[Turn]
) -> AsyncGenerator[Answer, None]:
    """Each Answer as the assistant gives it; what the assistant raises is raised here.

    The assistant runs from first to last in one thread of its own, because context variables and
    database connections belong to a thread. Closing this iterator returns at once, even while the
    assistant is busy with a long step: the thread ends by itself after that step.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[Answer | Exception | None] = asyncio.Queue()
    abandoned = threading.Event()

    def hand_over(item: Answer | Exception | None) -> None:
        if not abandoned.is_set():
            loop.call_soon_threadsafe(arrived.put_nowait, item)

    def work() -> None:
        try:
            for answer in assistant.stream({"question": question, "history": list(history)}):
                if abandoned.is_set():
                    return
                hand_over(answer)
        except Exception as error:  # it is raised again by the loop below, in the task that asked
            hand_over(error)
        else:
            hand_over(None)

    threading.Thread(target=work, name="dateline-question", daemon=True).start()
    try:
        while (item := await arrived.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        abandoned.set()
