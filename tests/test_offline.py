"""The main job, in a process of its own, with every way to another machine closed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = """
import runpy, socket, sys

def refuse(*arguments, **options):
    print("NETWORK", arguments, file=sys.stderr)
    raise OSError("the network is blocked")

socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse
module, sys.argv = sys.argv[1], sys.argv[1:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def offline(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, "NETWORK" in done.stderr) == (0, False), done.stderr
    return done.stdout


@pytest.mark.models
def test_articles_are_added_and_a_question_answered_without_a_network(tmp_path: Path) -> None:
    data = ["--data", tmp_path / "data", "--json"]
    offline("index", "add", "articles", *data)
    answer = json.loads(offline("rag", "ask", "What did Khamenei reportedly tell Haniyeh?", *data))
    assert not answer["refused"]
    assert answer["statements"][0]["citations"] == [1]
    passages = [json.loads(line) for line in offline("rag", "search", "ferry fares", *data).splitlines()]
    assert "fare" in passages[0]["text"]


@pytest.mark.models
def test_answers_are_evaluated_and_reported_without_a_network(tmp_path: Path) -> None:
    questions = ["tests/eval/questions.jsonl", "--articles", "articles", "--limit", "3"]
    offline("rag", "eval", *questions, "--json", tmp_path / "a.json", "--report", tmp_path / "a.html")
    runs = [tmp_path / "a.json", tmp_path / "a.json"]
    assert "Right" in offline("rag", "eval", "--compare", *runs, "--report", tmp_path / "b.html")
    assert len(json.loads((tmp_path / "a.json").read_text())["results"]) == 3
