"""Questions of several files are one set, and none is lost or mistaken for another."""

from pathlib import Path

from index.article import Article
from rag.evaluation import EvalQuestion, QuestionSet
from rag.evaluation.questions import combined

ONE = QuestionSet(
    [EvalQuestion(id="q1", question="Who?", sources=["p#1", ["p#1", "p#2"]], relevant=["p#2"])],
    [Article("A.", path="p#1"), Article("B.", path="p#2")],
)
OTHER = QuestionSet([EvalQuestion(id="q1", question="When?", sources=["p#1"])], [Article("C.", path="p#1")])


def test_one_file_is_left_as_it_is() -> None:
    assert combined([(Path("a.json"), ONE)]) is ONE


def test_equal_names_in_two_files_stay_apart() -> None:
    both = combined([(Path("a.json"), ONE), (Path("b.json"), OTHER)])
    assert [article.path for article in both.articles] == ["a/p#1", "a/p#2", "b/p#1"]
    assert both.questions == [
        EvalQuestion(id="q1", question="Who?", sources=["a/p#1", ["a/p#1", "a/p#2"]], relevant=["a/p#2"]),
        EvalQuestion(id="b/q1", question="When?", sources=["b/p#1"]),
    ]


def test_files_of_one_name_in_two_folders_stay_apart() -> None:
    both = combined([(Path("x/a.json"), ONE), (Path("y/a.json"), OTHER)])
    assert [article.path for article in both.articles] == ["1-a/p#1", "1-a/p#2", "2-a/p#1"]
    assert [question.id for question in both.questions] == ["q1", "2-a/q1"]


def test_articles_of_a_library_keep_the_names_that_a_question_gives_them() -> None:
    own = QuestionSet([EvalQuestion(id="q2", question="Where?", sources=["news.md"])])
    assert combined([(Path("a.json"), ONE), (Path("b.jsonl"), own)]).questions[1] == own.questions[0]
