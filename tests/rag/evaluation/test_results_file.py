"""A run that is stopped or killed loses nothing, and goes on where it was."""

import errno
import io
import json
from pathlib import Path

import pytest

from index.errors import EvaluationError
from rag.evaluation import EvalQuestion, Result, Scorecard
from rag.evaluation.results_file import ResultsFile, write_whole

SETTINGS = {"top_k": 8, "date": "2023-11-15", "questions_sha256": "a"}
QUESTIONS = [EvalQuestion(id=name, question=f"What of {name}?") for name in "abc"]
RESULTS = [Result(question, None, {"right": 1.0}) for question in QUESTIONS]


def killed_after(count: int, path: Path) -> None:
    """Leaves what a killed run leaves: the part file."""
    with ResultsFile(path, SETTINGS, resume=False) as file:
        for result in RESULTS[:count]:
            file.add(result)


def test_what_was_answered_before_a_kill_is_not_asked_again(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    killed_after(2, out)
    with ResultsFile(out, {**SETTINGS, "date": "2023-11-16"}, resume=True) as file:
        assert file.done_of(QUESTIONS) == RESULTS[:2]
        file.add(RESULTS[2])
        file.finish(Scorecard.of(RESULTS, SETTINGS))
    assert [result["id"] for result in json.loads(out.read_text())["results"]] == ["a", "b", "c"]
    assert list(tmp_path.iterdir()) == [out]


def test_a_line_that_the_kill_cut_in_two_is_dropped(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    killed_after(2, out)
    part = out.with_name("out.json.part")
    part.write_bytes(part.read_bytes()[:-20])
    with ResultsFile(out, SETTINGS, resume=True) as file:
        assert file.done_of(QUESTIONS) == RESULTS[:1]
        file.add(RESULTS[1])
    with ResultsFile(out, SETTINGS, resume=True) as file:
        assert file.done_of(QUESTIONS) == RESULTS[:2]


def test_a_question_that_failed_or_was_changed_is_asked_again(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with ResultsFile(out, SETTINGS, resume=False) as file:
        file.add(Result(QUESTIONS[0], None, {}, error="TimeoutError: the server said nothing"))
        file.add(RESULTS[1])
        file.add(RESULTS[2])
    changed = QUESTIONS[1].model_copy(update={"question": "What now?"})
    with ResultsFile(out, {**SETTINGS, "questions_sha256": "b"}, resume=True) as file:
        assert file.done_of([QUESTIONS[0], changed, QUESTIONS[2]]) == RESULTS[2:]


def test_a_run_that_was_stopped_is_not_overwritten(tmp_path: Path) -> None:
    killed_after(2, tmp_path / "out.json")
    with pytest.raises(EvaluationError, match="holds 2 results of a run that was stopped") as raised:
        ResultsFile(tmp_path / "out.json", SETTINGS, resume=False)
    assert "--resume" in raised.value.hint


def test_results_of_other_settings_are_not_mixed_in(tmp_path: Path) -> None:
    killed_after(2, tmp_path / "out.json")
    with pytest.raises(EvaluationError, match="with other settings: top_k was 8, and is 3"):
        ResultsFile(tmp_path / "out.json", {**SETTINGS, "top_k": 3}, resume=True)


def test_a_part_file_without_anything_useful_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "out.json.part").write_text("{\n")
    with ResultsFile(tmp_path / "out.json", SETTINGS, resume=True) as file:
        assert file.done == []


def test_failed_questions_can_be_asked_again_after_the_run(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    results = [RESULTS[0], Result(QUESTIONS[1], None, {}, error="OSError: gone")]
    with ResultsFile(out, SETTINGS, resume=False) as file:
        for result in results:
            file.add(result)
        file.finish(Scorecard.of(results, SETTINGS))
    assert json.loads(out.read_text())["failed"] == ["b"]
    with ResultsFile(out, SETTINGS, resume=True) as file:
        assert file.done_of(QUESTIONS) == RESULTS[:1]


def test_a_folder_that_is_not_there_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be written: No such file or directory"):
        ResultsFile(tmp_path / "nowhere" / "out.json", SETTINGS, resume=False)


def test_what_was_answered_stays_when_only_some_questions_are_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    killed_after(2, out)
    with ResultsFile(out, SETTINGS, resume=True) as file:
        file.finish(Scorecard.of(file.done_of(QUESTIONS[:1]), SETTINGS))
    with ResultsFile(out, SETTINGS, resume=True) as file:
        assert file.done_of(QUESTIONS) == RESULTS[:2]


def test_a_run_of_the_first_questions_can_be_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with ResultsFile(out, SETTINGS, resume=False) as file:
        file.add(RESULTS[0])
        file.finish(Scorecard.of(RESULTS[:1], SETTINGS))
    assert list(tmp_path.iterdir()) == [out]
    with ResultsFile(out, SETTINGS, resume=True) as file:
        assert file.done_of(QUESTIONS) == RESULTS[:1]


def test_a_full_disk_says_where_the_results_are(tmp_path: Path) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    with ResultsFile(tmp_path / "out.json", SETTINGS, resume=False) as file:
        file._lines.close()
        file._lines = Full()
        with pytest.raises(EvaluationError, match="No space left on device") as raised:
            file.add(RESULTS[0])
    assert "--resume" in raised.value.hint


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "out.json").mkdir()
    with pytest.raises(EvaluationError, match="cannot be written"):
        write_whole(tmp_path / "out.json", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
