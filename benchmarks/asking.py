"""Asking: the evaluation's questions about the sample articles, and the first answer of a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.made import SAMPLES
from benchmarks.measuring import Clock, megabytes, p50, p95, peak_memory_mb, table
from index.command_line import ProgressBar
from index.embedding import SentenceTransformerEmbedder
from index.library import Library
from rag.answer import Answer, Turn
from rag.assistant import Assistant
from rag.settings import AssistantSettings

_ROOT = Path(__file__).parent.parent
_QUESTIONS = _ROOT / "tests" / "eval" / "questions.jsonl"
_COLD_STARTS = 3


def run(progress: ProgressBar) -> None:
    """Prints the time of an answer by step, and that of the first answer of a process."""
    settings = AssistantSettings.from_environment()
    questions = [json.loads(line) for line in _QUESTIONS.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        add = [sys.executable, "-m", "index", "add", str(SAMPLES), "--data", folder]
        subprocess.run(add, cwd=_ROOT, stdout=subprocess.DEVNULL, check=True)
        cold, cold_mb = _cold_starts(folder, questions[0]["question"], progress)
        with Library(Path(folder), SentenceTransformerEmbedder(settings.embedding_model)) as library:
            articles = library.facts().articles
            answers = _ask(Assistant.from_settings(library, settings), questions, progress)
    steps = {step: [answer.seconds[step] * 1e3 for answer in answers] for step in answers[0].seconds}
    steps["all"] = [sum(answer.seconds.values()) * 1e3 for answer in answers]
    table(
        f"Asking {len(answers)} questions of {articles} articles",
        ["", "p50, ms", "p95, ms", "share"],
        [[step, p50(ms), p95(ms), f"{sum(ms) / sum(steps['all']):.1%}"] for step, ms in steps.items()],
    )
    print(f"Peak memory: {peak_memory_mb():,.0f} MB.")
    print(
        f"A fresh process, `python -m rag ask` from start to end: {p50(cold.wall):.1f} s "
        f"(median of {_COLD_STARTS}), peak memory {cold_mb:,.0f} MB."
    )


def _ask(assistant: Assistant, questions: Sequence[dict[str, Any]], progress: ProgressBar) -> list[Answer]:
    assistant.invoke({"question": "Does this load the model?"})
    answers = []
    for done, asked in enumerate(questions):
        progress("Asking", done, len(questions))
        history = [Turn(question) for question in asked.get("history", [])]
        answers.append(assistant.invoke({"question": asked["question"], "history": history}))
    return answers


def _cold_starts(folder: str, question: str, progress: ProgressBar) -> tuple[Clock, float]:
    """The times of the fresh processes, and the most memory that one of them held.

    To be called while this process is small: Linux counts what it holds when it starts another as held
    by that one.
    """
    clock, memory = Clock(), 0.0
    for number in range(_COLD_STARTS):
        progress("Starting fresh processes", number, _COLD_STARTS)
        with clock.running():
            process = subprocess.Popen(
                [sys.executable, "-m", "rag", "ask", question, "--data", folder],
                cwd=_ROOT,
                stdout=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):  # answered, refused
            raise RuntimeError(f"`python -m rag ask` ended with {process.returncode}.")
        memory = max(memory, megabytes(usage))
    return clock, memory
