"""Each format gives the same kind of questions, with the articles that came along."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.errors import EvaluationError
from rag.evaluation.formats import FORMATS, detected_format, read_questions
from rag.evaluation.questions import EvalQuestion, QuestionSet

FERRY = "The ferry to Skara sails at nine. It takes cars."
BRIDGE = "The bridge was closed on Monday.\n\nIt opens again in May."

SQUAD: dict[str, Any] = {
    "version": "v2.0",
    "data": [
        {
            "title": "North_Ferry",
            "paragraphs": [
                {
                    "context": f"  {FERRY}\n",
                    "qas": [
                        {
                            "id": "f1",
                            "question": "When does the ferry sail?",
                            "answers": [
                                {"text": "at nine", "answer_start": 24},
                                {"text": "nine", "answer_start": 27},
                                {"text": "nine", "answer_start": 27},
                            ],
                            "is_impossible": False,
                        },
                        {
                            "id": "f2",
                            "question": "Who is its captain?",
                            "answers": [{"text": "Skara", "answer_start": 13}],
                            "is_impossible": True,
                        },
                    ],
                },
                {
                    "context": BRIDGE.replace("\n\n", "\r\n\r\n \r\n"),
                    "qas": [{"question": "When does it open?", "answers": [{"text": "/May/"}]}],
                },
            ],
        }
    ],
}
SQUAD_ARTICLES = [
    Article(text=FERRY, headline="North Ferry", path="North Ferry#1"),
    Article(text=BRIDGE, headline="North Ferry", path="North Ferry#2"),
]


def lines(path: Path, *rows: object) -> Path:
    """A JSON Lines file of these rows; text is written as it stands."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows), encoding="utf-8"
    )
    return path


def question_set(questions: list[EvalQuestion], articles: Sequence[Article] = ()) -> QuestionSet:
    return QuestionSet(tuple(questions), tuple(articles))


def mistakes(path: Path, format: str | None = None) -> list[str]:
    with pytest.raises(EvaluationError) as caught:
        read_questions(path, format)
    return caught.value.message.split("\n")


def test_a_question_file_is_told_by_its_fields(tmp_path: Path) -> None:
    path = lines(tmp_path / "q.jsonl", {"question": "Who won?", "id": "a"})
    assert read_questions(path) == question_set([EvalQuestion(id="a", question="Who won?")])


def test_squad_gives_paragraphs_as_articles_and_impossible_questions_as_unanswerable(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    path.write_text(json.dumps(SQUAD, indent=1), encoding="utf-8")
    assert read_questions(path) == question_set(
        [
            EvalQuestion(
                id="f1",
                question="When does the ferry sail?",
                answers=("at nine", "nine"),
                sources=("North Ferry#1",),
            ),
            EvalQuestion(
                id="f2", question="Who is its captain?", answerable=False, sources=("North Ferry#1",)
            ),
            # A regular expression that means the answer with its slashes.
            EvalQuestion(
                id="q3", question="When does it open?", answers=("//May//",), sources=("North Ferry#2",)
            ),
        ],
        SQUAD_ARTICLES,
    )


def test_squad_rows_take_answers_in_each_of_their_shapes(tmp_path: Path) -> None:
    ferry = {"title": "North_Ferry", "context": FERRY, "id": "f"}
    path = lines(
        tmp_path / "validation.jsonl",
        {**ferry, "question": "When?", "answers": {"text": ["nine", "nine"], "answer_start": [27, 27]}},
        {**ferry, "question": "Where to?", "answers": ["Skara"], "answer_start": 13},
        {**ferry, "question": "Who?", "answers": {"text": [], "answer_start": []}},
        {
            "question": "May I bring mine?",
            "context": BRIDGE,
            "answer": "No.",
            "evidence": ["It opens again."],
        },
        {"question": "What else?", "context": BRIDGE, "id": 12},
    )
    ferry_source, bridge = ("North Ferry#1",), ("validation#1",)
    assert read_questions(path) == question_set(
        [
            EvalQuestion(id="f", question="When?", answers=("nine",), sources=ferry_source),
            EvalQuestion(id="f-2", question="Where to?", answers=("Skara",), sources=ferry_source),
            EvalQuestion(id="f-3", question="Who?", answerable=False, sources=ferry_source),
            EvalQuestion(
                id="q4",
                question="May I bring mine?",
                references=("No.",),
                sources=bridge,
                evidence=("It opens again.",),
            ),
            EvalQuestion(id="12", question="What else?", answerable=None, sources=bridge),
        ],
        [SQUAD_ARTICLES[0], Article(text=BRIDGE, path="validation#1")],
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_whatever_stands_between_its_columns(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["\ufeffQuestion", "ANSWER", "Sources", "tags", "Id", "Answerable", "author"],
        ["When?", "nine | 9", "ferry.md|bridge.md", "times", "t1", "", "Bo"],
        ['"Who, then;\n or what?"', "", "", "", "", "FALSE", ""],
        ["", "", "", "", "", "", ""],
        ["How much?", "/1|2/"],
    ]
    path = tmp_path / "table.csv"
    path.write_text("\r\n".join(delimiter.join(row) for row in rows), encoding="utf-8", newline="")
    assert read_questions(path) == question_set(
        [
            EvalQuestion(
                id="t1",
                question="When?",
                answers=("nine", "9"),
                sources=("ferry.md", "bridge.md"),
                tags=("times",),
            ),
            EvalQuestion(id="q2", question="Who, then;\n or what?", answerable=False),
            EvalQuestion(id="q3", question="How much?", answers=("/1|2/",)),
        ]
    )


def beir(folder: Path, qrels: str, name: str = "test.tsv") -> Path:
    lines(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "North Ferry", "text": FERRY},
        {"_id": "d2", "text": BRIDGE},
        {"_id": "d3", "title": "North Ferry", "text": FERRY},
        {"_id": "d4", "title": "Only a title", "text": ""},
        {"_id": "d5", "title": "", "text": ""},
    )
    lines(
        folder / "queries.jsonl",
        {"_id": "1", "text": "When does the ferry sail?"},
        {"_id": "2", "text": "Is the bridge open?"},
        {"_id": "3", "text": "What was not judged?"},
    )
    lines(folder / "qrels" / name, qrels)
    return folder


def test_beir_gives_the_judged_queries_and_the_whole_corpus(tmp_path: Path) -> None:
    judged = "query-id\tcorpus-id\tscore\n2\td2\t1\n2\td4\t2\n2\td1\t0\n1\td1\t1\n1\td3\t1\n1\td5\t1"
    folder = beir(tmp_path / "set", judged)
    lines(folder / "qrels" / "dev.tsv", "query-id\tcorpus-id\tscore\n3\td1\t1")
    assert read_questions(folder) == question_set(
        [
            # d3 is the same article as d1, and d5 is nothing.
            EvalQuestion(id="1", question="When does the ferry sail?", sources=(("d1",),), relevant=("d1",)),
            EvalQuestion(
                id="2", question="Is the bridge open?", sources=(("d2", "d4"),), relevant=("d2", "d4")
            ),
        ],
        [
            Article(text=FERRY, headline="North Ferry", path="d1"),
            Article(text=BRIDGE, path="d2"),
            Article(text="Only a title", headline="Only a title", path="d4"),
        ],
    )


def test_beir_takes_other_judgements_where_there_is_no_test(tmp_path: Path) -> None:
    folder = beir(tmp_path / "set", "3\td2\t1", "train.tsv")
    assert [q.id for q in read_questions(folder).questions] == ["3"]


def test_beir_names_judgements_that_point_nowhere(tmp_path: Path) -> None:
    folder = beir(tmp_path / "set", "1\td1\tmuch\n1\td9\t1\n7\td1\t1\n1 d1 1")
    assert mistakes(folder) == [
        'test.tsv, line 1, score: "much", must be a number',
        'test.tsv, line 2, corpus-id: "d9" is not in corpus.jsonl',
        "test.tsv, line 4, row: 1 columns, must be 3: query-id, corpus-id, score",
        'test.tsv: query "7" is not in queries.jsonl',
    ]
    (folder / "qrels" / "test.tsv").unlink()
    assert mistakes(folder) == [f"{folder / 'qrels'}: no .tsv file"]


def test_clapnq_gives_whole_answers_and_the_sentences_they_rest_on(tmp_path: Path) -> None:
    passages = [{"title": "North Ferry", "text": FERRY, "sentences": ["not", "read"]}]
    first = "The ferry to Skara sails at nine."
    path = lines(
        tmp_path / "c.jsonl",
        {
            "id": "-1",
            "input": "when does the ferry sail",
            "passages": passages,
            "output": [
                {"answer": "At nine.", "selected_sentences": [first]},
                {"answer": "It sails at nine, with cars.", "selected_sentences": [first, "It takes cars."]},
                {"answer": "", "selected_sentences": ["Not chosen for an answer."]},
            ],
        },
        {
            "id": "-2",
            "input": "who is its captain",
            "passages": passages,
            "output": [{"answer": "", "selected_sentences": []}],
        },
    )
    assert read_questions(path) == question_set(
        [
            EvalQuestion(
                id="-1",
                question="when does the ferry sail",
                references=("At nine.", "It sails at nine, with cars."),
                sources=(("North Ferry#1",),),
                evidence=(first, "It takes cars."),
            ),
            EvalQuestion(
                id="-2", question="who is its captain", answerable=False, sources=(("North Ferry#1",),)
            ),
        ],
        [Article(text=FERRY, headline="North Ferry", path="North Ferry#1")],
    )


def test_mtrag_gives_the_last_question_of_a_conversation(tmp_path: Path) -> None:
    contexts = [
        {"document_id": "d-1", "text": f"\n{FERRY}"},
        {"document_id": "d-2", "text": BRIDGE, "title": "B"},
    ]
    turns = [
        {"speaker": "user", "text": "Is there a ferry?"},
        {"speaker": "agent", "text": "Yes."},
        {"speaker": "user", "text": "When does it sail?"},
    ]
    target = [{"speaker": "agent", "text": "At nine."}]

    def task(number: int, answerability: str, **fields: object) -> dict[str, object]:
        shared = {"task_id": f"c::{number}", "Collection": "news", "input": turns, "targets": target}
        return {**shared, "contexts": contexts, "answerability": [answerability], **fields}

    path = lines(
        tmp_path / "tasks.jsonl",
        task(1, "ANSWERABLE"),
        task(2, "PARTIAL", contexts=contexts[:1]),
        task(3, "UNANSWERABLE", contexts=[], input=turns[:1]),
        task(4, "UNDERSPECIFIED"),
    )
    first, last = "Is there a ferry?", "When does it sail?"
    assert read_questions(path) == question_set(
        [
            EvalQuestion(
                id="c::1",
                question=last,
                history=(first,),
                references=("At nine.",),
                sources=(("d-1", "d-2"),),
                relevant=("d-1", "d-2"),
                tags=("answerable", "news"),
            ),
            EvalQuestion(
                id="c::2",
                question=last,
                history=(first,),
                references=("At nine.",),
                sources=(("d-1",),),
                relevant=("d-1",),
                tags=("partial", "news"),
            ),
            EvalQuestion(id="c::3", question=first, answerable=False, tags=("unanswerable", "news")),
            EvalQuestion(
                id="c::4",
                question=last,
                history=(first,),
                answerable=None,
                sources=(("d-1", "d-2"),),
                relevant=("d-1", "d-2"),
                tags=("underspecified", "news"),
            ),
        ],
        [Article(text=FERRY, path="d-1"), Article(text=BRIDGE, headline="B", path="d-2")],
    )


def test_ramdocs_wants_all_right_answers_and_a_correct_document(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "ram.jsonl",
        {
            "question": "When does the ferry sail?",
            "documents": [
                {"text": FERRY, "type": "correct", "answer": "nine"},
                {"text": "It sails at ten.", "type": "misinfo", "answer": "ten"},
                {"text": BRIDGE, "type": "noise", "answer": "unknown"},
                {"text": "On Sundays at noon.", "type": "correct", "answer": "noon"},
            ],
            "gold_answers": ["nine", "noon"],
            "wrong_answers": ["ten"],
        },
    )
    assert read_questions(path) == question_set(
        [
            EvalQuestion(
                id="q1",
                question="When does the ferry sail?",
                answers=("nine", "noon"),
                match="all",
                sources=(("ram#1", "ram#4"),),
            )
        ],
        [
            Article(text=FERRY, path="ram#1"),
            Article(text="It sails at ten.", path="ram#2"),
            Article(text=BRIDGE, path="ram#3"),
            Article(text="On Sundays at noon.", path="ram#4"),
        ],
    )


def test_one_path_never_names_two_articles(tmp_path: Path) -> None:
    row = {"task_id": "t", "input": [{"speaker": "user", "text": "?"}], "targets": []}
    path = lines(
        tmp_path / "tasks.jsonl",
        *({**row, "contexts": [{"document_id": "d", "text": text}]} for text in ("a", "b", "c", "b")),
    )
    found = read_questions(path)
    assert [q.sources for q in found.questions] == [(("d",),), (("d-2",),), (("d-3",),), (("d-2",),)]
    assert [(a.path, a.text) for a in found.articles] == [("d", "a"), ("d-2", "b"), ("d-3", "c")]


def test_every_malformed_row_is_named_whatever_its_format(tmp_path: Path) -> None:
    good = {"question": "?", "context": FERRY, "answers": ["x"]}
    rows = lines(
        tmp_path / "rows.jsonl",
        good,
        "{",
        {**good, "context": 5.5},
        {**good, "context": None},
        {**good, "question": " "},
        {"question": "?"},
        {**good, "answers": 4},
        {**good, "answers": {"text": [7]}},
        {**good, "title": ["x"]},
    )
    assert mistakes(rows) == [
        "rows.jsonl, line 2: not JSON at column 2: expecting property name enclosed in double quotes",
        "rows.jsonl, line 3, context: a number, must be text",
        "rows.jsonl, line 4, context: null, must be text",
        "rows.jsonl, line 5, question: empty",
        "rows.jsonl, line 6, context: missing",
        "rows.jsonl, line 7, answers: a number, must be a list of texts",
        "rows.jsonl, line 8, answers, text, entry 1: a number, must be text",
        "rows.jsonl, line 9, title: a list, must be text",
    ]
    clapnq = lines(
        tmp_path / "c.jsonl",
        {"input": "?", "passages": "x", "output": []},
        {"input": "?", "passages": [{"text": FERRY}, 3], "output": []},
        {"input": "?", "passages": [{"title": "no text"}], "output": []},
    )
    assert mistakes(clapnq) == [
        "c.jsonl, line 1, passages: text, must be a list of objects",
        "c.jsonl, line 2, passages, entry 2: a number, must be an object",
        "c.jsonl, line 3, passages, entry 1, text: missing",
    ]
    mtrag = lines(tmp_path / "m.jsonl", {"input": [{"speaker": "agent", "text": "Hello"}], "contexts": []})
    assert mistakes(mtrag) == ["m.jsonl, line 1, input: no turn of the user"]
    ramdocs = lines(tmp_path / "r.jsonl", {"question": "?", "documents": [], "gold_answers": []})
    assert mistakes(ramdocs) == ["r.jsonl, line 1, gold_answers: no answers"]


def test_mistakes_in_a_squad_file_are_told_by_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"

    def told(content: str) -> list[str]:
        path.write_text(content, encoding="utf-8")
        return mistakes(path)

    bad = json.loads(json.dumps(SQUAD))
    paragraphs = bad["data"][0]["paragraphs"]
    del paragraphs[0]["qas"][1]["question"]
    paragraphs[1]["context"] = 4.0
    bad["data"].append({"title": "Empty"})
    assert told(json.dumps(bad)) == [
        "dev.json, data, entry 1, paragraphs, entry 1, qas, entry 2, question: missing",
        "dev.json, data, entry 1, paragraphs, entry 2, context: a number, must be text",
        "dev.json, data, entry 2, paragraphs: missing",
    ]
    assert told("[]") == ["dev.json: a list, must be an object"]
    assert told('{\n  "data": [}') == ["dev.json: not JSON at line 2, column 12: expecting value"]
    assert told('{"data": [1]}') == ["dev.json, data, entry 1: a number, must be an object"]
    assert told("{}") == ["dev.json, data: missing"]
    assert told("") == ["dev.json: no questions"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("q\nWho?", 'table.csv, line 1, column: none is named "question"'),
        (
            "question,anwser\nWho?,me",
            'table.csv, line 1, column: "anwser" is not one of ours; did you mean "answer"?',
        ),
        (
            "question,answer\nWho, then?,me,\nWho?,me",
            "table.csv, line 2, row: 4 columns, but the first row names 2",
        ),
        ("question,answer\n,me", "table.csv, line 2, question: empty"),
        (
            'question,answerable\n\n"Who,\nthen?",yes\n?,perhaps',
            'table.csv, line 5, answerable: "perhaps", must be true or false',
        ),
        (
            "question,answerable,answer\n?,no,x",
            "table.csv, line 2: answerable is false, but there are answers",
        ),
        ("question,answer\n?,/(/", "table.csv, line 2, answers, entry 1: not a regular expression: "),
        ('question\n"Who?\nWhat?', "table.csv, line 2: not a row of a table: unexpected end of data"),
        ("question\n", "table.csv: no questions"),
        ("", "table.csv: no questions"),
    ],
)
def test_mistakes_in_a_table_are_told_by_line_and_column(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content, encoding="utf-8")
    (told,) = mistakes(path)
    assert told.startswith(expected)


def test_a_table_in_another_encoding_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("question\nCafé?\nWho?\nÜber?".encode("cp1252"))
    assert mistakes(path) == [
        "table.csv, line 2: not UTF-8 at column 4 (byte 0xe9)",
        "table.csv, line 4: not UTF-8 at column 1 (byte 0xdc)",
    ]


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.CSV", "", "csv"),
        ("a.tsv", "", "csv"),
        ("a.json", "", "squad"),
        ("a.jsonl", "", "dateline"),
        ("a.jsonl", "{broken", "dateline"),
        ("a.jsonl", '{"id": "a", "qestion": "?"}', "dateline"),
        ("a.jsonl", '\n{broken\n{"question": "?", "context": "x"}', "squad-rows"),
        ("a.jsonl", '{"input": "?", "passages": [], "output": []}', "clapnq"),
        ("a.jsonl", '{"input": [], "contexts": [], "targets": []}', "mtrag"),
        ("a.jsonl", '{"question": "?", "documents": [], "gold_answers": []}', "ramdocs"),
        ("a.txt", '{"question": "?"}', "dateline"),
    ],
)
def test_a_format_is_told_by_name_and_fields(tmp_path: Path, name: str, content: str, format: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert detected_format(path) == format


def test_a_format_that_is_not_known_or_not_told_lists_those_that_are(tmp_path: Path) -> None:
    other = lines(tmp_path / "other.jsonl", {"prompt": "?"})
    plain = lines(tmp_path / "plain.txt", "Who won?")
    told = []
    for path, format in ((other, "sqaud"), (other, None), (plain, None), (tmp_path, None)):
        with pytest.raises(EvaluationError) as caught:
            read_questions(path, format)
        told.append(caught.value.message)
        assert caught.value.hint == (
            "Name the format with --format; known are dateline, squad, squad-rows, csv, beir, clapnq, mtrag, ramdocs "
            "(docs/questions.md shows each)."
        )
    assert told == [
        '"sqaud" is not a format for questions',
        "other.jsonl: cannot tell what format the questions are in",
        "plain.txt: cannot tell what format the questions are in",
        f"{tmp_path}: a folder without corpus.jsonl",
    ]
    assert mistakes(tmp_path / "none.jsonl") == [f"{tmp_path}/none.jsonl: there is no such file"]


FIELDS = (
    "id _id task_id question input text title context contexts passages output answer answers documents "
    "gold_answers answerability targets speaker evidence type data paragraphs qas is_impossible document_id "
    "selected_sentences Collection"
).split()
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["user", "correct", "/(/", "ANSWERABLE"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8),
    max_leaves=25,
)
ROWS = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=10).map(json.dumps)
CELLS = st.text(alphabet='ab|/,;\t"\n\r question answer id 0', max_size=60)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=50)
@given(
    content=st.lists(ROWS | VALUES.map(json.dumps) | st.text(max_size=9), max_size=4).map("\n".join) | CELLS
)
def test_no_content_raises_anything_but_an_evaluation_error(
    tmp_path_factory: pytest.TempPathFactory, format: str, content: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any-{format}"
    raw = content.encode(errors="surrogatepass")
    if format == "beir":
        for part in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
            (path / part).parent.mkdir(parents=True, exist_ok=True)
            (path / part).write_bytes(raw)
    elif format == "csv":
        path.write_bytes(b"question;answer\n" + raw)
    else:
        path.write_bytes(raw)
    for named in (format, None):
        try:
            found = read_questions(path, named)
        except EvaluationError as error:
            assert error.message
        else:
            paths = [article.path for article in found.articles]
            named_sources = {name for q in found.questions for group in q.source_groups for name in group}
            assert len(set(paths)) == len(paths)
            assert not paths or named_sources <= set(paths)


def test_a_scorecard_in_place_of_questions_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text('{"scores": {}, "by_tag": {}, "results": []}')
    with pytest.raises(EvaluationError, match="out.json: a scorecard, not questions"):
        read_questions(tmp_path / "out.json")
