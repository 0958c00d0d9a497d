"""Which files are read, and what a person is told about those that cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.article import Article
from index.errors import ReadError
from index.reading import READERS, files, find_files, read


def written(path: Path, content: str | bytes = "It rained.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def found_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_files([folder])]


def failure(path: Path) -> str:
    with pytest.raises(ReadError) as error:
        list(read(path))
    assert error.value.hint
    return error.value.message.removeprefix(f"{path}: ")


def test_a_folder_gives_its_articles_in_order(tmp_path: Path) -> None:
    wanted = ["a.TXT", "license-to-fish.txt", "z.md", "b/a.text", "c/d/e.markdown"]
    unwanted = [
        "README.md",
        "readme.md",
        "LICENSE.txt",
        "CHANGELOG-2020.md",
        ".a.txt",
        ".git/a.txt",
        "a.py",
        "a",
    ]
    for name in wanted + unwanted:
        written(tmp_path / name)
    assert found_in(tmp_path) == wanted


def test_a_file_that_is_named_is_given_whatever_it_is(tmp_path: Path) -> None:
    named = [written(tmp_path / name) for name in ("README.md", "b.pdf", ".a.txt")]
    assert list(find_files(named)) == named


def test_links_lead_neither_out_of_the_folder_nor_round_in_circles(tmp_path: Path) -> None:
    outside = written(tmp_path / "outside.txt")
    folder = tmp_path / "folder"
    inside = written(folder / "a.txt")
    (folder / "b.txt").symlink_to(inside)
    (folder / "c.txt").symlink_to(outside)
    (folder / "d.txt").symlink_to("nowhere.txt")
    (folder / "loop").symlink_to(folder)
    assert found_in(folder) == ["a.txt", "b.txt"]


def test_a_path_that_does_not_exist_is_an_error_before_the_first_file(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as error:
        next(find_files([written(tmp_path / "a.txt"), tmp_path / "b.txt"]))
    assert error.value.message == f"{tmp_path / 'b.txt'}: no such file or folder"
    assert error.value.hint


def test_a_file_gives_its_article_and_says_where_it_was_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.md", "# Rain\n\nIt rained.")
    assert list(read(path)) == [Article(text="It rained.", headline="Rain", path=str(path))]


def test_an_unknown_suffix_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as error:
        list(read(written(tmp_path / "a.pdf")))
    assert error.value.message == f"{tmp_path / 'a.pdf'}: no reader for .pdf"
    assert error.value.hint == f"Known: {', '.join(sorted(READERS))}."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"Print\n\nCaptcha *", "there is no story in it"),
        (b"It rained.\0", "this is not text"),
        (b"\xff\xfeI", "this is not text"),
    ],
)
def test_a_file_without_an_article_says_why(tmp_path: Path, content: bytes, message: str) -> None:
    assert failure(written(tmp_path / "a.txt", content)) == message


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    assert failure(tmp_path / "pipe.txt") == "this is not a regular file"
    assert failure(tmp_path / "folder.txt") == "this is a folder"
    assert failure(tmp_path / "nothing.txt") == "no such file"
    assert failure(Path("zero\0byte.txt")) == "it cannot be read: embedded null byte"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(files.LARGEST_BYTES + 1)
    assert failure(path) == "larger than 20 MB"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt")
    path.chmod(0)
    assert failure(path) == "no permission to read it"
