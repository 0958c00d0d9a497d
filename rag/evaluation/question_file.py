"""The question file, JSON Lines with one question a line; all its mistakes are told at once."""

from __future__ import annotations

import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from index.errors import EvaluationError
from rag.evaluation.questions import EvalQuestion, QuestionSet

_SHOWN_MISTAKES = 50
_SHOWN_CHARACTERS = 40
_HINT = "Correct the file; `python -m rag eval --schema` prints what a question may hold, docs/questions.md explains it."


def read_question_file(path: Path) -> QuestionSet:
    """The questions of a file in our own format, in its order; it brings no articles.

    Raises EvaluationError with one line for each mistake in the file.
    """
    mistakes: list[str] = []
    questions: list[EvalQuestion] = []
    first_lines: dict[str, int] = {}
    for number, row in json_objects(path, mistakes):
        place = f"{path.name}, line {number}"
        try:
            questions.append(EvalQuestion.model_validate(row))
        except ValidationError as error:
            mistakes.extend(f"{place}{what}" for what in in_words(error, row))
        if isinstance(identifier := row.get("id"), str) and identifier.strip():
            first = first_lines.setdefault(identifier.strip(), number)
            if first != number:
                mistakes.append(f"{place}, id: {quoted(identifier)} is already the id of line {first}")
    if not questions and not mistakes:
        mistakes.append(f"{path.name}: no questions")
    raise_all(mistakes, _HINT)
    return QuestionSet(tuple(questions))


def question_schema() -> dict[str, Any]:
    """What one line of a question file may hold, as a JSON Schema (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **EvalQuestion.model_json_schema(),
        "title": "A question of a Dateline evaluation",
    }


def raise_all(mistakes: Sequence[str], hint: str) -> None:
    """Raise one EvaluationError that tells the mistakes, a line each; without any do nothing."""
    if mistakes:
        more = len(mistakes) - _SHOWN_MISTAKES
        told = [*mistakes[:_SHOWN_MISTAKES], *([f"and {more:,} more"] if more > 0 else [])]
        raise EvaluationError("\n".join(told), hint)


def json_objects(path: Path, mistakes: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file, each with its line number; other lines become mistakes."""
    for number, line in text_lines(path, mistakes):
        if not line.strip():
            continue
        try:
            value = json_value(line)
        except ValueError as error:
            mistakes.append(f"{path.name}, line {number}: {error}")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            mistakes.append(f"{path.name}, line {number}: {kind(value)}, must be an object")


def text_lines(path: Path, mistakes: list[str]) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file, each with its number from 1; those not in UTF-8 become mistakes.

    Raises EvaluationError for a file that cannot be read at all.
    """
    raw = _read(path)
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise EvaluationError(f"{path.name}: the text is UTF-16, must be UTF-8", "Save the file as UTF-8.")
    # Not splitlines: a line separator (U+2028) may stand in the text of a JSON line.
    for number, line in enumerate(raw.removeprefix(BOM_UTF8).split(b"\n"), start=1):
        try:
            yield number, line.decode()
        except UnicodeDecodeError as error:
            column = len(line[: error.start].decode()) + 1
            mistakes.append(
                f"{path.name}, line {number}: not UTF-8 at column {column} (byte {line[error.start]:#04x})"
            )


def json_value(text: str) -> Any:
    """What a JSON text says; stricter than `json.loads`.

    Raises ValueError with the mistake in words, also for numbers that JSON has not (NaN), for what is
    too long or too deep to read, for a name given twice, and for half a surrogate pair, which no file
    could hold.
    """
    try:
        value = json.loads(
            text, parse_constant=_no_number, parse_int=_integer, object_pairs_hook=_without_repeats
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text else ""
        problem = error.msg[:1].lower() + error.msg[1:].removesuffix(" at").rstrip(": ")
        raise ValueError(f"not JSON at {line}column {error.colno}: {problem}") from error
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise ValueError(f"{half} is half of a character, both halves must be there") from error
    except RecursionError as error:
        raise ValueError("lists or objects nested too deeply") from error
    return value


def in_words(error: ValidationError, row: Mapping[str, Any]) -> Iterator[str]:
    """The mistakes of a row that is no EvalQuestion, each beginning with the field: `, answers: empty`."""
    for detail in error.errors(include_url=False):
        field, *inner = detail["loc"] or ("",)
        entries = [part for part in inner if isinstance(part, int)]
        branches = [part for part in inner if isinstance(part, str)]
        # A source is a text or a list, and pydantic complains of both; only one was meant.
        if branches and branches[0].startswith("tuple") != isinstance(
            row[str(field)][entries[0]], list | tuple
        ):
            continue
        place = f", {_cut(str(field))}" if field else ""
        place += "".join(f", entry {number + 1}" for number in entries)
        yield f"{place}: {_what(detail, str(field), len(entries))}"


def _what(detail: Any, field: str, depth: int) -> str:
    """What is wrong with the value of a field, or `depth` lists down in it, in the words of JSON."""
    value, context = detail["input"], detail.get("ctx", {})
    found = f"text {quoted(value)}" if isinstance(value, str) else kind(value)
    if field == "as_of":
        return f"{found}, must be a day like 2023-11-15"
    match detail["type"]:
        case "missing":
            return "missing"
        case "extra_forbidden":
            return f"not a field of a question{did_you_mean(field, list(EvalQuestion.model_fields))}"
        case "string_type":
            return f"{found}, must be text{' or a list of texts' * (field == 'sources' and depth == 1)}"
        case "tuple_type":
            of = "lists of texts" if field == "copies" and depth == 0 else "texts"
            return f"{found}, must be a list of {of}"
        case "bool_type":
            return f"{found}, must be true, false or null"
        case "string_too_short":
            return "empty"
        case "too_short":
            return f"has {context['actual_length']} entries, must have at least {context['min_length']}"
        case "literal_error":
            return f"{found}, must be {context['expected'].replace(chr(39), chr(34))}"
        case "value_error":
            return str(context["error"])
        case _:
            return str(detail["msg"])


def did_you_mean(name: str, known: Sequence[str], likeness: float = 0.6) -> str:
    """A question to add to a complaint about an unknown name, or nothing when none is like it.

    >>> did_you_mean("answer", ["answers", "answerable"]), did_you_mean("colour", ["answers"])
    ('; did you mean "answers"?', '')
    """
    near = get_close_matches(name.lower(), known, n=1, cutoff=likeness)
    return f'; did you mean "{near[0]}"?' if near else ""


def kind(value: object) -> str:
    """What a value is, in the words of JSON.

    >>> kind(None), kind(True), kind(1.5), kind([])
    ('null', 'true', 'a number', 'a list')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    words = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return words.get(type(value), type(value).__name__)


def quoted(text: str) -> str:
    """A text of the file as a message may show it: quoted, short, and nothing a terminal would obey.

    >>> print(quoted("red\\x1b[31m"))
    "red\\u001b[31m"
    """
    return f'"{_cut(text)}"'


def _cut(text: str) -> str:
    short = text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in short)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise EvaluationError(f"{path}: there is no such file", "Check the path of the questions.") from error
    except IsADirectoryError as error:
        raise EvaluationError(
            f"{path}: a folder, must be a file", "Name the file with the questions in it."
        ) from error
    except OSError as error:
        raise EvaluationError(
            f"{path}: cannot be read: {error.strerror}", "Check the path, and who may read the file."
        ) from error


def _no_number(name: str) -> None:
    raise ValueError(f"not JSON: {name} is not a number that JSON has")


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError as error:
        raise ValueError(f"a number of {len(digits):,} digits is too long") from error


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        again = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{quoted(again)} is given twice")
    return values
