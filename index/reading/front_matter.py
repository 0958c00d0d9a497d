"""YAML between two lines of `---` at the head of a file."""

from __future__ import annotations

import re

import yaml

from index.errors import ReadError
from index.reading.decoding import tidy
from index.reading.facts import Facts
from index.reading.keys import facts_of, is_known, plain_key

_LARGEST_CHARS = 20_000  # a hundred times what front matter needs, and little work if it is hostile
_KEY = re.compile(r"[A-Za-z][\w .-]{0,40}:(?:\s|$)")
_CLOSING = ("---", "...")
_HINT = "Put a value that holds ': ' or '#' into quotes, or remove the front matter between the --- lines."


def take_front_matter(text: str, name: str) -> tuple[Facts, str]:
    """The facts of the front matter and the text behind it; all of the text where there is none.

    `text` has plain line ends and keeps its indentation, which YAML needs. A `---` that no
    "key: value" line follows is a ruled line. Raises ReadError naming `name` and the line where
    the front matter cannot be understood: what somebody states is not passed over.
    """
    start = len(text) - len(text.lstrip("\ufeff\n "))
    opening, _, rest = text[start:].partition("\n")
    number = text.count("\n", 0, start) + 1
    lines = rest[:_LARGEST_CHARS].split("\n")
    content = (line for line in lines if line.strip() and not line.startswith("#"))
    if opening.rstrip() != "---" or not _KEY.match(next(content, "")):
        return Facts(), text
    end = next((at for at, line in enumerate(lines) if line.rstrip() in _CLOSING), None)
    if end is None:
        raise ReadError(
            f"{name}, line {number}: the front matter is not closed",
            f"End it with a line --- within {_LARGEST_CHARS:,} characters, or remove the first ---.",
        )
    pairs = _pairs("\n".join(lines[:end]), name, number + 1)
    # Between two ruled lines may also stand a sentence with a colon.
    if not any(map(is_known, pairs)):
        return Facts(), text
    return facts_of(pairs), "\n".join(lines[end + 1 :]) + rest[_LARGEST_CHARS:]


def _pairs(source: str, name: str, first_line: int) -> dict[str, str]:
    """The keys and values of the YAML, which begins in line `first_line` of the file `name`."""
    try:
        # BaseLoader makes strings, lists and dicts only: no dates guessed, no objects made.
        loaded: object = yaml.load(source, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise ReadError(
            f"{name}, line {line}: the front matter is not YAML: {error.problem}", _HINT
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ReadError(f"{name}, line {first_line}: the front matter is not YAML", _HINT) from error
    if not isinstance(loaded, dict):
        raise ReadError(f"{name}, line {first_line}: the front matter has no 'key: value' lines", _HINT)
    pairs: dict[str, str] = {}
    for key, value in loaded.items():
        if isinstance(key, str):
            pairs.setdefault(plain_key(key), " ".join(tidy(_as_text(value)).split()))
    return pairs


def _as_text(value: object) -> str:
    """A string, or a list of strings or of `name:` mappings; nothing deeper, as aliases may be endless."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_named, value)))
    return _named(value)


def _named(value: object) -> str:
    name = value.get("name") if isinstance(value, dict) else value
    return name if isinstance(name, str) else ""
