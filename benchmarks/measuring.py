"""Measuring: medians, peak memory, and tables of what was measured."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Clock:
    """Seconds that passed, and seconds of processor time, of each run of the same work.

    On a machine that others use too, the processor's time is the fairer one.
    """

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.wall.append(time.perf_counter() - wall)
        self.processor.append(time.process_time() - processor)

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, timed; what it would yield is given as a list, so that it is timed to its end."""

        def timed(*arguments: Any, **options: Any) -> Any:
            with self.running():
                result = function(*arguments, **options)
                return list(result) if isinstance(result, Iterator) else result

        return timed


def p50(seconds: Sequence[float]) -> float:
    return float(np.percentile(seconds, 50))


def p95(seconds: Sequence[float]) -> float:
    return float(np.percentile(seconds, 95))


def peak_memory_mb() -> float:
    """The most memory that this process has held."""
    return megabytes(resource.getrusage(resource.RUSAGE_SELF))


def megabytes(usage: resource.struct_rusage) -> float:
    """The most memory that a process held, of what the system counted of it."""
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes elsewhere


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    return f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f} before we began, so trust the ratios first"


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str | float]]) -> None:
    """Prints rows under a title; numbers have at least three digits that count and stand to the right.

    >>> table("Rain", ["day", "mm"], [["Monday", 4.0], ["Tuesday", 1234.5]])
    <BLANKLINE>
    Rain
    day         mm
    Monday    4.00
    Tuesday  1,234
    """
    cells = [list(header), *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"\n{title}")
    for first, *others in cells:
        right = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *right]).rstrip())


def side_by_side(title: str, first: str, second: str, rows: Sequence[tuple[str, float, float]]) -> None:
    """Prints a table of two things measured in one run, and how many times the second the first is."""
    table(title, ["", first, second, f"{first} / {second}"], [[what, a, b, a / b] for what, a, b in rows])


def _shown(cell: str | float) -> str:
    if isinstance(cell, str):
        return cell
    decimals = max(0, 2 - int(np.floor(np.log10(abs(cell))))) if cell else 0
    return f"{cell:,.{decimals}f}"
