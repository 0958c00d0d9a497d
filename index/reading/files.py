"""Which files are read, and what keeps a file from being read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from index.article import Article
from index.errors import ReadError
from index.reading.markdown import read_markdown_file
from index.reading.text import read_text_file

LARGEST_BYTES = 20_000_000
"""Four times the text of the King James Bible: a larger file is a mistake, and would fill the memory."""

Reader = Callable[[bytes, Path], Iterator[Article]]
"""Gives the articles of a file's bytes; the path is for `Article.path` and for messages."""

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".txt": read_text_file,
        ".text": read_text_file,
        ".md": read_markdown_file,
        ".markdown": read_markdown_file,
    }
)
"""The reader of each suffix, in lower case. A new format is one more entry."""

# As they are usually written, or exactly so: "license-to-fish.txt" may be an article.
_ABOUT_THE_FOLDER = ("README", "LICENSE", "LICENCE", "CHANGELOG")


def find_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named that have a reader, folder by folder in order.

    Within folders, hidden files, README, LICENSE and CHANGELOG are passed over, links to folders
    are not followed, and links to files only within the folder. Raises ReadError for a path that
    does not exist, before the first file, and for a folder that cannot be listed.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise ReadError(
                f"{path}: no such file or folder", "Check the spelling, or run it from another folder."
            )
    for path in paths:
        if path.is_dir():
            yield from _files_in(path)
        else:
            yield path


def read(path: Path) -> Iterator[Article]:
    """The articles of one file, in its order.

    Raises ReadError, and no other error, where it cannot be read or holds no article.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise ReadError(
            f"{path}: no reader for {path.suffix or 'a file without a suffix'}", f"Known: {known}."
        )
    yield from reader(_content(path), path)


def _files_in(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    for here, folders, names in os.walk(folder, onerror=_cannot_list):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if _is_wanted(path) and path.is_file() and path.resolve().is_relative_to(root):
                yield path


def _is_wanted(path: Path) -> bool:
    if path.name.startswith((".", *_ABOUT_THE_FOLDER)) or path.stem.upper() in _ABOUT_THE_FOLDER:
        return False
    return path.suffix.lower() in READERS


def _cannot_list(error: OSError) -> None:
    raise ReadError(
        f"{error.filename}: {error.strerror}", "Give read permission, or leave the folder out."
    ) from error


def _content(path: Path) -> bytes:
    """The bytes of a regular file of bearable size; raises ReadError."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ReadError(f"{path}: this is a folder", "Name the files in it, or give it to find_files.")
        # Opening a pipe would wait for ever, and a device may never end.
        if not stat.S_ISREG(mode):
            raise ReadError(f"{path}: this is not a regular file", "Copy its content into a file.")
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError as error:
        raise ReadError(f"{path}: no such file", "Check the spelling.") from error
    except PermissionError as error:
        raise ReadError(
            f"{path}: no permission to read it", "Give read permission, or leave it out."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        raise ReadError(f"{path}: it cannot be read: {error}", "Copy it elsewhere and try again.") from error
    if len(raw) > LARGEST_BYTES:
        limit = f"{LARGEST_BYTES // 1_000_000} MB"
        raise ReadError(f"{path}: larger than {limit}", "Put each article into a file of its own.")
    return raw
