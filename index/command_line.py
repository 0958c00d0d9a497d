"""What the commands of `index` and `rag` share: the common options, a progress bar, and how they end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from tqdm import tqdm

from index.errors import DatelineError


def add_common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder of the library (default: DATA_DIR, or data)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def run(command: Callable[[], int]) -> int:
    """Runs a command; an error that we know is shown without a traceback and exits with 2."""
    try:
        code = command()
        sys.stdout.flush()
        return code
    except DatelineError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What was reported before is kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _close_stdout()
        return 0


def print_last(text: str) -> None:
    """Prints what a command ends with; a reader that has seen enough of it (`| head`) changes nothing of the exit code."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _close_stdout()


def _close_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class ProgressBar:
    """Shows work that takes time, on a terminal only; call it with what is done and how much of it."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._what = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._bar is None or self._what != what:
            self._close()
            self._what = what
            # disable=None: nothing when the output is no terminal; delay: nothing for short work
            self._bar = tqdm(desc=what, total=total, disable=None, delay=1.0, leave=False)
        self._bar.update(done - self._bar.n)

    def print(self, line: str, file: TextIO | None = None) -> None:
        """Prints a line at once, above the bar, so that what was reported is known even after a kill."""
        tqdm.write(line, file=file or sys.stdout)
        (file or sys.stdout).flush()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
