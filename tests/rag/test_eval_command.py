"""`python -m rag eval` as it is typed: questions and articles in, a scorecard out."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from rag.__main__ import main
from rag.assistant import Assistant

pytestmark = pytest.mark.models

ARTICLES = {
    "fares.txt": "Ferry fares to rise\n\nThe Harbour Post | 3 May 2023\n\n"
    "An adult ferry ticket to Skarra will cost $5.20 from May, the operator said on Monday. "
    "The chairman, Olaf Lind, said that fuel had become dearer.\n",
    "bridge.txt": "Bridge to close\n\nThe Iron Bridge in Wexmoor will close for repairs until August, "
    "the council said. Walkers can use the old ford meanwhile.\n",
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "fare",
        "question": "How much will an adult ferry ticket to Skarra cost?",
        "answers": ["$5.20"],
        "sources": ["fares.txt"],
        "tags": ["number"],
    },
    {
        "id": "until",
        "question": "Until when will the Iron Bridge in Wexmoor close?",
        "answers": ["August"],
        "sources": ["Bridge to close"],
    },
    {"id": "hamlet", "question": "Who wrote Hamlet?", "answerable": False, "tags": ["off-topic"]},
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "articles").mkdir()
    for name, text in ARTICLES.items():
        (tmp_path / "articles" / name).write_text(text)
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, QUESTIONS)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


OVER_ARTICLES = ["eval", "questions.jsonl", "--articles", "articles"]


def test_all_reports_of_one_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = ["--json", "out.json", "--report", "out.html", "--junit", "out.xml", "--markdown", "out.md"]
    assert main([*OVER_ARTICLES, *reports]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("**3 questions: 100.0 % [")
    assert (folder / "out.md").read_text() == printed
    card = json.loads((folder / "out.json").read_text())
    assert card["scores"]["right"] == {
        "value": 1.0,
        "low": pytest.approx(0.438, abs=0.001),
        "high": 1.0,
        "n": 3,
    }
    assert [result["id"] for result in card["results"]] == ["fare", "until", "hamlet"]
    assert card["by_tag"].keys() == {"number", "off-topic"}
    assert card["settings"]["passages"] == "searched"
    answer = card["results"][0]["answer"]
    assert "$5.20" in answer["statements"][0]["text"]
    assert (folder / "out.html").read_text().startswith("<!doctype html>")
    assert 'tests="3"' in (folder / "out.xml").read_text()
    assert sorted(path.name for path in folder.iterdir() if "part" in path.name) == []


def test_the_answer_in_a_result_is_what_ask_prints(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from index.__main__ import main as index

    assert index(["add", "articles", "--data", "library"]) == 0
    assert main(["eval", "questions.jsonl", "--data", "library", "--only", "fare", "--json", "out.json"]) == 0
    (result,) = json.loads((folder / "out.json").read_text())["results"]
    capsys.readouterr()
    main(["ask", QUESTIONS[0]["question"], "--data", "library", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert {**result["answer"], "seconds": 0} == {**printed, "seconds": 0}


def test_ctrl_c_keeps_what_is_done_and_resume_asks_the_rest(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    invoke = Assistant.invoke

    def interrupted(self: Assistant, input: Any, *rest: Any, **options: Any) -> Any:
        asked.append(input["question"])
        if len(asked) == 2:
            time.sleep(0.3)  # until the first is written down
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)
        return invoke(self, input, *rest, **options)

    monkeypatch.setattr(Assistant, "invoke", interrupted)
    assert main([*OVER_ARTICLES, "--json", "out.json"]) == 130
    card = json.loads((folder / "out.json").read_text())
    assert (card["complete"], [result["id"] for result in card["results"]]) == (False, ["fare"])
    assert "Go on with: --json out.json --resume" in capsys.readouterr().err

    assert main([*OVER_ARTICLES, "--json", "out.json", "--resume"]) == 0
    assert asked == [QUESTIONS[n]["question"] for n in (0, 1, 1, 2)]
    card = json.loads((folder / "out.json").read_text())
    assert (card["complete"], [result["id"] for result in card["results"]]) == (
        True,
        ["fare", "until", "hamlet"],
    )


def test_a_run_that_is_terminated_is_kept_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    invoke = Assistant.invoke

    def terminated(self: Assistant, input: Any, *rest: Any, **options: Any) -> Any:
        if "Bridge" in input["question"]:
            time.sleep(0.3)  # until the first is written down
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.3)
        return invoke(self, input, *rest, **options)

    monkeypatch.setattr(Assistant, "invoke", terminated)
    assert main([*OVER_ARTICLES, "--json", "out.json"]) == 130
    card = json.loads((folder / "out.json").read_text())
    assert (card["complete"], [result["id"] for result in card["results"]]) == (False, ["fare"])


def test_a_question_that_fails_is_named_and_the_others_are_asked(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    invoke = Assistant.invoke

    def failing(self: Assistant, input: Any, *rest: Any, **options: Any) -> Any:
        if "Bridge" in input["question"]:
            raise OSError("the disk is gone")
        return invoke(self, input, *rest, **options)

    monkeypatch.setattr(Assistant, "invoke", failing)
    assert main([*OVER_ARTICLES, "--concurrency", "2"]) == 1
    output = capsys.readouterr()
    assert "question until failed: OSError: the disk is gone" in output.err
    assert "until" in output.out


def test_floors_pass_fail_and_go_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = [*OVER_ARTICLES, "--floors", "floors.json"]
    assert main(held) == 1
    assert "there are no floors yet" in capsys.readouterr().err
    assert main([*held, "--update", "--reason", "the first"]) == 0
    assert main(held) == 0
    floors = json.loads((folder / "floors.json").read_text())
    assert floors["floors"]["right"] == 1.0
    (folder / "articles" / "bridge.txt").unlink()
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, [QUESTIONS[0], QUESTIONS[2]])))
    capsys.readouterr()
    assert main(held) == 1
    assert "the articles are not those that the floors were measured on" in capsys.readouterr().err


def test_two_runs_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*OVER_ARTICLES, "--json", "a.json"]) == 0
    assert main([*OVER_ARTICLES, "--gold", "--json", "b.json"]) == 0
    capsys.readouterr()
    assert (
        main(["eval", "--compare", "a.json", "b.json", "--json", "found.json", "--report", "found.html"]) == 0
    )
    assert "Right: 100.0 % in both runs" in capsys.readouterr().out
    assert json.loads((folder / "found.json").read_text())["lost"] == []
    assert "<table" in (folder / "found.html").read_text()


def test_a_source_that_no_article_has_is_named_before_anything_is_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "questions.jsonl").write_text(json.dumps({**QUESTIONS[0], "sources": ["fare.txt"]}))
    assert main(OVER_ARTICLES) == 2
    assert "question fare: no article is called 'fare.txt'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name a file of questions"),
        (["questions.jsonl", "--resume"], "name it with --json FILE"),
        (["questions.jsonl", "--update"], "name it with --floors FILE"),
        (["questions.jsonl", "--floors", "f.json", "--limit", "3"], "leave out --limit"),
        (["questions.jsonl", "--floors", "f.json", "--gold"], "leave out --gold"),
        (["--compare", "a.json", "b.json", "--floors", "f.json", "--gold"], "leave out gold, floors"),
        (["questions.jsonl", "--limit", "0"], "must be a number of 1 or more"),
        (["questions.jsonl", "--limit", "x"], "'x' must be a number of 1 or more"),
        (["questions.jsonl", "--data", "a", "--articles", "b"], "not allowed with argument"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["eval", *arguments])
    assert stopped.value.code == 2
    assert says in capsys.readouterr().err


def test_the_schema_is_printed_without_loading_anything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["required"] == ["id", "question"]


def test_only_takes_ids_that_are_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*OVER_ARTICLES, "--only", "nobody"]) == 2
    assert "No question has the id 'nobody'" in capsys.readouterr().err


def test_a_report_that_could_not_be_written_is_said_before_anything_is_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*OVER_ARTICLES, "--report", "nowhere/out.html"]) == 2
    assert "There is no folder nowhere for out.html." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--json", "questions.jsonl"], "questions.jsonl would be overwritten"),
        (["--json", "same", "--report", "same"], "same would be overwritten"),
        (["--report", "articles"], "articles is a folder"),
    ],
)
def test_no_file_takes_the_place_of_another(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    before = (folder / "questions.jsonl").read_text()
    assert main([*OVER_ARTICLES, *options]) == 2
    assert says in capsys.readouterr().err
    assert (folder / "questions.jsonl").read_text() == before


def test_a_reader_that_stops_reading_changes_nothing_of_the_exit_code(folder: Path) -> None:
    """As with `python -m rag eval ... --floors f.json | head -1`."""
    import subprocess
    import sys

    settings = {"passages": "searched"}
    floors = {"articles": "", "questions": "", "settings": settings, "floors": {"right": 1.0}, "history": []}
    (folder / "floors.json").write_text(json.dumps(floors))
    root = Path(__file__).parents[2]
    running = subprocess.Popen(
        [sys.executable, "-m", "rag", *OVER_ARTICLES, "--floors", "floors.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root), "HF_HUB_OFFLINE": "1"},
    )
    assert running.stdout is not None and running.stderr is not None
    running.stdout.close()
    errors = running.stderr.read().decode()
    running.stderr.close()
    assert running.wait() == 1
    assert "the articles are not those that the floors were measured on" in errors


def test_from_given_passages_only_what_has_sources_is_asked(folder: Path) -> None:
    assert main([*OVER_ARTICLES, "--gold", "--json", "out.json"]) == 0
    card = json.loads((folder / "out.json").read_text())
    assert [result["id"] for result in card["results"]] == ["fare", "until"]
    assert (card["settings"]["unsourced"], card["settings"]["questions_total"]) == (1, 3)
    assert [name for name in card["scores"] if name.startswith(("article.", "passage."))] == []
