"""`python -m index`: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest

from index import embedding
from index.__main__ import main
from index.library import Library
from tests.fakes import WordEmbedder

FERRY = "Ferry fares rise\n\nThe fare to Skarra will rise to five dollars in January."


@pytest.fixture(autouse=True)
def _fast_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "SentenceTransformerEmbedder", WordEmbedder)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ferry.txt").write_text(FERRY)
    return tmp_path / "in"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_articles_are_added_listed_shown_and_removed(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", tmp_path / "data", "--json"]
    code, out, _ = run(capsys, "add", articles, *data)
    added = json.loads(out)
    assert (code, added["status"], added["headline"]) == (0, "added", "Ferry fares rise")
    code, out, _ = run(capsys, "list", *data)
    assert (code, json.loads(out)["id"], json.loads(out)["published"]) == (0, added["id"], None)
    code, out, _ = run(capsys, "show", added["id"], *data)
    assert (code, json.loads(out)["text"]) == (0, "The fare to Skarra will rise to five dollars in January.")
    code, out, _ = run(capsys, "check", *data)
    assert (code, json.loads(out)) == (0, {"articles": 1, "chunks": 1, "problems": []})
    code, out, _ = run(capsys, "remove", added["id"], *data)
    assert (code, json.loads(out)) == (0, {"id": added["id"], "status": "removed"})
    assert run(capsys, "list", *data)[:2] == (0, "")


def test_the_plain_output_names_what_was_done(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    code, out, _ = run(capsys, "add", articles, "--data", data)
    assert code == 0
    assert "Ferry fares rise" in out
    assert f"1 added\nThe library in {data} holds 1 articles in 1 chunks.\n" in out
    assert run(capsys, "add", articles, "--data", data)[1].startswith("1 unchanged\n")
    assert "1 articles, 1 chunks: sound." in run(capsys, "check", "--repair", "--data", data)[1]


def test_a_file_that_fails_is_named_and_the_exit_code_says_so(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (articles / "broken.txt").write_bytes(b"\x00" * 10)
    code, out, err = run(capsys, "add", articles, "--data", tmp_path / "data")
    assert code == 1
    assert "1 added, 1 failed" in out
    assert "broken.txt" in err
    assert run(capsys, "add", articles / "broken.txt", "--data", tmp_path / "data")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list"], "There is no library in"),
        (["check"], "There is no library in"),
        (["remove", "x"], "There is no library in"),
        (["add", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments, "--data", tmp_path / "data")
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.strip().splitlines()) == 2, "what went wrong, and what to do"


def test_an_unknown_id_is_an_error_that_names_it(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", tmp_path / "data"]
    run(capsys, "add", articles, *data)
    for command in (["show", "zzz"], ["remove", "zzz"]):
        code, _, err = run(capsys, *command, *data)
        assert code == 2
        assert "zzz" in err


def test_list_and_show_work_while_another_process_owns_the_library(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "add", articles, "--data", tmp_path / "data")
    with Library(tmp_path / "data", WordEmbedder("all-MiniLM-L6-v2")):
        assert run(capsys, "list", "--data", tmp_path / "data")[0] == 0
        code, _, err = run(capsys, "add", articles, "--data", tmp_path / "data")
        assert (code, "is in use by process" in err) == (2, True)
