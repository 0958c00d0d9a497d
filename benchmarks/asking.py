"""Asking: the evaluation's questions about the sample articles, and the first answer of a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.made import SAMPLES
from benchmarks.measuring import Clock, p50, p95, peak_memory_mb, table
from index.building import add_articles
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
    lines = _QUESTIONS.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        settings = AssistantSettings.from_environment()
        with Library(
            Path(folder), SentenceTransformerEmbedder(settings.embedding_model), create=True
        ) as library:
            articles = len(list(add_articles(library, [SAMPLES])))
            assistant = Assistant.from_settings(library, settings)
            answers = _ask(assistant, [json.loads(line) for line in lines], progress)
        memory = peak_memory_mb()
        answered = next(answer.question for answer in answers if not answer.refused)
        cold = _cold_starts(Path(folder), answered, progress)
    steps = {step: [answer.seconds[step] * 1e3 for answer in answers] for step in answers[0].seconds}
    steps["all"] = [sum(answer.seconds.values()) * 1e3 for answer in answers]
    table(
        f"Asking {len(answers)} questions of {articles} articles",
        ["", "p50, ms", "p95, ms", "share"],
        [[step, p50(ms), p95(ms), f"{sum(ms) / sum(steps['all']):.0%}"] for step, ms in steps.items()],
    )
    print(f"Peak memory: {memory:,.0f} MB.")
    print(
        f"Cold start, `python -m rag ask` to its end: {p50(cold.wall):.1f} s (median of {_COLD_STARTS}), "
        f"peak memory {peak_memory_mb(children=True):,.0f} MB."
    )


def _ask(
    assistant: Assistant, questions: Sequence[dict[str, str | list[str]]], progress: ProgressBar
) -> list[Answer]:
    assistant.invoke({"question": "Does this load the model?"})
    answers = []
    for done, asked in enumerate(questions):
        progress("Asking", done, len(questions))
        history = [Turn(question) for question in asked.get("history", [])]
        answers.append(assistant.invoke({"question": str(asked["question"]), "history": history}))
    return answers


def _cold_starts(folder: Path, question: str, progress: ProgressBar) -> Clock:
    clock = Clock()
    for number in range(_COLD_STARTS):
        progress("Starting fresh processes", number, _COLD_STARTS)
        command = [sys.executable, "-m", "rag", "ask", question, "--data", str(folder)]
        with clock.running():
            subprocess.run(command, cwd=_ROOT, stdout=subprocess.DEVNULL, check=True)
    return clock
