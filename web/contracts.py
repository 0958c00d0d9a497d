"""What the chat page needs from the rest of Dateline, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Protocol

from rag.answer import Answer


class Assistant(Protocol):
    """Answers a question; any LangChain `Runnable` with this input and output is one.

    The input is `{"question": str, "history": list[Turn]}`. Each Answer is all that is known so
    far: passages first, then statement after statement. The last one is `complete`.
    """

    def stream(self, input: Any, /) -> Iterator[Answer]: ...


class LibraryFacts(Protocol):
    """What is in the library, as the first screen tells it; an empty library has no dates."""

    @property
    def articles(self) -> int: ...

    @property
    def outlets(self) -> Sequence[str]: ...

    @property
    def earliest(self) -> date | None: ...

    @property
    def latest(self) -> date | None: ...


GetFacts = Callable[[], LibraryFacts]
"""Called when the page is opened, so that it may grow while the server runs. Should take milliseconds."""

GetStarters = Callable[[], Sequence[str] | None]
"""Questions that the library can answer, the best first; the page shows up to four.

None while they are being found: the page asks again.
"""
