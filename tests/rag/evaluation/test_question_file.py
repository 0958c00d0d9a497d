"""A question file is read whole, or all its mistakes are told at once."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import EvaluationError
from rag.evaluation.question_file import question_schema, read_question_file
from rag.evaluation.questions import EvalQuestion, QuestionSet

HINT = "Correct the file; `python -m rag eval --schema` prints what a question may hold, docs/questions.md explains it."

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "questions.jsonl"


def mistakes(file: Path, *lines: str | bytes) -> list[str]:
    """What reading these lines complains of, a line each."""
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    with pytest.raises(EvaluationError) as caught:
        read_question_file(file)
    return caught.value.message.split("\n")


def question(**fields: Any) -> str:
    return json.dumps({"id": "a", "question": "Who won?", **fields})


def test_a_question_is_read_with_all_its_fields(file: Path) -> None:
    fields = {
        "id": "ferry-1",
        "question": " Did fares rise? ",
        "history": ["What do ferries cost?"],
        "answerable": None,
        "answers": ["12 %", "/1[12] per ?cent/"],
        "match": "all",
        "references": ["Fares rose by 12 %."],
        "sources": ["ferries.md", ["a.md", "b.md"]],
        "relevant": ["ferries.md", "a.md"],
        "evidence": ["Fares rise by 12 % in May."],
        "hedges": ["reportedly"],
        "denials": ["denied"],
        "copies": [["a.md", "b.md"]],
        "as_of": "2024-05-01",
        "tags": ["fares"],
    }
    file.write_text(json.dumps(fields), encoding="utf-8")
    assert read_question_file(file) == QuestionSet(
        (
            EvalQuestion(
                id="ferry-1",
                question="Did fares rise?",
                history=("What do ferries cost?",),
                answerable=None,
                answers=("12 %", "/1[12] per ?cent/"),
                match="all",
                references=("Fares rose by 12 %.",),
                sources=("ferries.md", ("a.md", "b.md")),
                relevant=("ferries.md", "a.md"),
                evidence=("Fares rise by 12 % in May.",),
                hedges=("reportedly",),
                denials=("denied",),
                copies=(("a.md", "b.md"),),
                as_of=date(2024, 5, 1),
                tags=("fares",),
            ),
        )
    )


def test_a_byte_order_mark_blank_lines_and_line_separators_in_text_are_fine(file: Path) -> None:
    text = f'\ufeff{question()}\r\n\n  \n{{"id": "b", "question": "Who\u2028lost?"}}\n'
    file.write_bytes(text.encode())
    assert [q.question for q in read_question_file(file).questions] == ["Who won?", "Who\u2028lost?"]


def test_every_mistake_of_a_file_is_told_with_its_line_and_field(file: Path) -> None:
    found = mistakes(
        file,
        question(id="first"),
        '{"id": "b", "question": }',
        "[1, 2]",
        '{"id": "c"}',
        question(id="d", anwsers=["x"], colour="red"),
        question(id="e", answers="York", sources=[4, ["a", 5], []], tags=[None], copies=["a", ["b"]]),
        question(id="f", question="  "),
        question(id="g", answers=["fine", "/(York/"], hedges=["/a{99999999999}/"]),
        question(id=" first "),
        question(id="h", match="some"),
        question(id="i", answerable=False, answers=["x"], evidence=["y"]),
        question(id="j", as_of="15 November"),
        question(id="k", as_of=20231115),
        b'{"id": "caf\xe9"}',
        '{"id": "l", "id": "m", "question": "?"}',
        '{"id": "n", "question": "?", "tags": [NaN]}',
        '{"id": ' + "9" * 5000 + "}",
        "[" * 100_000,
        question(id=7, answerable="no", match=["all"]),
        '{"id": "o", "question": "\\ud83d?"}',
        question(id="p", match="all"),
        "{'id': 'q'}",
    )
    assert found == [
        "questions.jsonl, line 2: not JSON at column 25: expecting value",
        "questions.jsonl, line 3: a list, must be an object",
        "questions.jsonl, line 4, question: missing",
        'questions.jsonl, line 5, anwsers: not a field of a question; did you mean "answers"?',
        "questions.jsonl, line 5, colour: not a field of a question",
        'questions.jsonl, line 6, answers: text "York", must be a list of texts',
        "questions.jsonl, line 6, sources, entry 1: a number, must be text or a list of texts",
        "questions.jsonl, line 6, sources, entry 2, entry 2: a number, must be text",
        "questions.jsonl, line 6, sources, entry 3: has 0 entries, must have at least 1",
        'questions.jsonl, line 6, copies, entry 1: text "a", must be a list of texts',
        "questions.jsonl, line 6, copies, entry 2: has 1 entries, must have at least 2",
        "questions.jsonl, line 6, tags, entry 1: null, must be text",
        "questions.jsonl, line 7, question: empty",
        "questions.jsonl, line 8, answers, entry 2: not a regular expression: missing ) at position 5",
        "questions.jsonl, line 8, hedges, entry 1: not a regular expression: repeat count too big at position 2",
        'questions.jsonl, line 9, id: " first " is already the id of line 1',
        'questions.jsonl, line 10, match: text "some", must be "any" or "all"',
        "questions.jsonl, line 11: answerable is false, but there are answers and evidence",
        'questions.jsonl, line 12, as_of: text "15 November", must be a day like 2023-11-15',
        "questions.jsonl, line 13, as_of: a number, must be a day like 2023-11-15",
        "questions.jsonl, line 14: not UTF-8 at column 12 (byte 0xe9)",
        'questions.jsonl, line 15: "id" is given twice',
        "questions.jsonl, line 16: not JSON: NaN is not a number that JSON has",
        "questions.jsonl, line 17: a number of 5,000 digits is too long",
        "questions.jsonl, line 18: lists or objects nested too deeply",
        "questions.jsonl, line 19, id: a number, must be text",
        'questions.jsonl, line 19, answerable: text "no", must be true, false or null',
        'questions.jsonl, line 19, match: a list, must be "any" or "all"',
        "questions.jsonl, line 20: \\ud83d is half of a character, both halves must be there",
        'questions.jsonl, line 21: match is "all", but there are no answers',
        "questions.jsonl, line 22: not JSON at column 2: expecting property name enclosed in double quotes",
    ]


def test_a_mistake_says_what_to_do_next(file: Path) -> None:
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_question_file(file)
    assert caught.value.hint == HINT


def test_fifty_mistakes_are_shown_and_the_others_counted(file: Path) -> None:
    found = mistakes(file, *["7"] * 1_062)
    assert (len(found), found[49], found[50]) == (
        51,
        "questions.jsonl, line 50: a number, must be an object",
        "and 1,012 more",
    )


def test_what_a_file_says_cannot_steer_the_terminal_or_fill_it(file: Path) -> None:
    assert mistakes(file, question(**{"\x1b[31m\n": 1, "x" * 100: 2})) == [
        "questions.jsonl, line 1, \\u001b[31m\\u000a: not a field of a question",
        f"questions.jsonl, line 1, {'x' * 39}…: not a field of a question",
    ]


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_a_file_without_a_question_is_a_mistake(file: Path, content: str) -> None:
    assert mistakes(file, content) == ["questions.jsonl: no questions"]


def test_a_file_in_utf_16_is_named_as_such(file: Path) -> None:
    assert mistakes(file, question().encode("utf-16")) == [
        "questions.jsonl: the text is UTF-16, must be UTF-8"
    ]


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    loop = tmp_path / "loop.jsonl"
    loop.symlink_to(loop)
    told = []
    for path in (tmp_path / "none.jsonl", tmp_path, loop):
        with pytest.raises(EvaluationError) as caught:
            read_question_file(path)
        told.append((caught.value.message, caught.value.hint))
    assert told == [
        (f"{tmp_path}/none.jsonl: there is no such file", "Check the path of the questions."),
        (f"{tmp_path}: a folder, must be a file", "Name the file with the questions in it."),
        (
            f"{tmp_path}/loop.jsonl: cannot be read: Too many levels of symbolic links",
            "Check the path, and who may read the file.",
        ),
    ]


def test_the_schema_names_every_field_and_says_what_it_is() -> None:
    schema = question_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "A question of a Dateline evaluation"
    assert schema["required"] == ["id", "question"]
    assert schema["additionalProperties"] is False
    assert list(schema["properties"]) == list(EvalQuestion.model_fields)
    assert all(field["description"] for field in schema["properties"].values())


@given(
    lines=st.lists(
        st.text(max_size=20)
        | JSON.map(json.dumps)
        | st.dictionaries(st.sampled_from(list(EvalQuestion.model_fields)), JSON, max_size=6).map(json.dumps),
        max_size=5,
    )
)
def test_no_file_raises_anything_but_an_evaluation_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_bytes("\n".join(lines).encode(errors="surrogatepass"))
    try:
        assert read_question_file(file).questions
    except EvaluationError as error:
        assert error.message.startswith("any.jsonl")
