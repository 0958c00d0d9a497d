"""The questions reach the assistant as a reader would ask them, over the library that is meant."""

from pathlib import Path
from typing import Any

import pytest

from index.article import Article
from index.errors import EvaluationError
from index.library import Library
from rag.answer import Answer, Refusal
from rag.assistant import Assistant
from rag.evaluation import AssistantClient, Catalogue, EvalQuestion, GoldClient, evaluate, langsmith_evaluator
from rag.evaluation.collection import fingerprint, temporary_library
from rag.settings import AssistantSettings
from tests.fakes import WordEmbedder, add_texts

FERRY = "Ferry fares rise\n\nThe adult ferry fare to Skarra will rise to $5.20 in May, the operator said.\n"
BRIDGE = (
    "Bridge closes\n\nThe iron bridge in Wexmoor will close for repairs until August, the council said.\n"
)
NEVER = "Rain\n\nIt rained on the hills of Tamsin for three days, and the valley flooded at last.\n"


@pytest.fixture
def assistant(library: Library, tmp_path: Path) -> Assistant:
    add_texts(library, tmp_path / "texts", {"ferry.txt": FERRY, "bridge.txt": BRIDGE, "rain.txt": NEVER})
    return Assistant.from_settings(library, AssistantSettings())


def test_a_follow_up_is_asked_after_the_questions_before_it(assistant: Assistant) -> None:
    question = EvalQuestion(
        id="f", question="And when does it close?", history=["What about the iron bridge in Wexmoor?"]
    )
    answer = AssistantClient(assistant).ask(question)
    assert answer["standalone_question"] == "What about the iron bridge in Wexmoor? And when does it close?"


def test_the_scorecard_of_a_real_assistant(assistant: Assistant, library: Library) -> None:
    questions = [
        EvalQuestion(
            id="fare",
            question="What will the adult ferry fare to Skarra rise to?",
            answers=["$5.20"],
            sources=["ferry.txt"],
            evidence=["The adult ferry fare to Skarra will rise to $5.20 in May, the operator said."],
        ),
        EvalQuestion(id="hamlet", question="Who wrote Hamlet?", answerable=False),
    ]
    card = evaluate(AssistantClient(assistant), questions, Catalogue.of(library.articles()))
    assert {name: card.scores[name].value for name in ("right", "citation.recall", "citation.sources")} == {
        "right": 1.0,
        "citation.recall": 1.0,
        "citation.sources": 1.0,
    }
    assert (card.scores["article.mrr@10"].value, card.scores["passage.hits@1"].value) == (1.0, 1.0)
    assert card.scores["refusal.recall"].n == 1
    assert card.results[0].answer is not None
    assert card.results[0].answer["statements"][0]["text"].startswith("The adult ferry fare")
    assert set(card.scores) >= {"seconds.retrieval.p50", "seconds.total.p95"}


def test_the_gold_passages_are_the_sources_and_nothing_else(assistant: Assistant, library: Library) -> None:
    client = GoldClient(library, AssistantSettings(), Catalogue.of(library.articles()))
    asked = {"question": "What will the adult ferry fare to Skarra rise to?"}
    answer = client.ask(EvalQuestion(id="a", **asked, sources=["Bridge closes"]))
    assert {passage["headline"] for passage in answer["passages"]} == {"Bridge closes"}
    assert answer["refused"]
    assert not client.ask(EvalQuestion(id="b", **asked, sources=[["ferry.txt", "rain.txt"]]))["refused"]
    assert client.ask(EvalQuestion(id="c", **asked))["refused"]


def test_articles_are_named_by_id_path_or_headline(assistant: Assistant, library: Library) -> None:
    catalogue = Catalogue.of(library.articles())
    (ferry,) = [article for article in library.articles() if article.headline == "Ferry fares rise"]
    for name in (ferry.id, ferry.path or "", "ferry.txt", "texts/ferry.txt", "ferry fares rise"):
        assert catalogue[name] == {ferry.id}
    unknown = EvalQuestion(id="a", question="?", sources=["ferry.txt", ["erry.txt", "no such"]])
    assert catalogue.unknown(unknown) == ["erry.txt", "no such"]


def test_paths_of_windows_end_in_file_names_too() -> None:
    article = Article("A.", path="C:\\news\\a.md")
    catalogue = Catalogue.of([article])
    assert catalogue["a.md"] == catalogue["news\\a.md"] == catalogue["news/a.md"] == {article.id}


def test_a_headline_of_two_articles_names_both() -> None:
    one = Article("Rain fell.", headline="Rain", outlet="A")
    two = Article("Rain fell.", headline="Rain", outlet="B")
    assert Catalogue.of([one, two])["Rain"] == {one.id, two.id}


def quiet(what: str, done: int, total: int) -> None:
    pass


def test_a_library_for_one_run_holds_files_and_given_articles_and_is_gone_afterwards(tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(FERRY)
    (tmp_path / "broken.txt").write_bytes(b"\x00\x01")
    given = [
        Article("It rained.", path="wiki#1"),
        Article("It rained.", path="wiki#2"),
        Article("Sun.", path="x"),
    ]
    told: list[str] = []
    with temporary_library(WordEmbedder(), [tmp_path], given, quiet, told.append) as (library, catalogue):
        folder = library.folder
        assert sorted(article.text for article in library.articles())[0] == "It rained."
        assert library.facts().articles == 3
        assert catalogue["wiki#1"] == catalogue["wiki#2"] != frozenset()
        assert [line.split(":")[0] for line in told] == [str(tmp_path / "broken.txt")]
    assert not folder.exists()


def test_without_any_article_there_is_nothing_to_ask_about(tmp_path: Path) -> None:
    with (
        pytest.raises(EvaluationError, match="no article to ask about"),
        temporary_library(WordEmbedder(), [tmp_path], [], quiet, print),
    ):
        pass


def test_the_fingerprint_of_articles_sees_content_and_not_place() -> None:
    one, two = Article("A."), Article("B.")
    assert fingerprint([one, two]) == fingerprint([Article("B.", path="x"), one]) != fingerprint([one])


def test_langsmith_takes_the_evaluator_as_it_is(assistant: Assistant, library: Library) -> None:
    import uuid
    from datetime import UTC, datetime

    from langsmith.evaluation import run_evaluator
    from langsmith.schemas import Example, Run

    asked: dict[str, Any] = {"question": "What will the adult ferry fare to Skarra rise to?"}
    answer = assistant.invoke({"question": asked["question"]}).to_json()
    run = Run(
        id=uuid.uuid4(),
        name="assistant",
        start_time=datetime.now(UTC),
        run_type="chain",
        trace_id=uuid.uuid4(),
        inputs=asked,
        outputs=answer,
    )
    example = Example(id=uuid.uuid4(), inputs=asked, outputs={"answers": ["$5.30"], "sources": ["ferry.txt"]})
    # It looks at the names of the arguments; its types know those of other evaluators only.
    ours: Any = langsmith_evaluator(Catalogue.of(library.articles()))
    results = dict(run_evaluator(ours).evaluate_run(run, example))["results"]
    by_key = {result.key: result for result in results}
    assert (by_key["right"].score, by_key["citation.sources"].score) == (0.0, 1.0)
    assert by_key["right"].comment == "It does not say any of: $5.30"


def test_an_example_of_langsmith_may_hold_more_than_ours_and_a_run_may_have_failed(library: Library) -> None:
    evaluator = langsmith_evaluator(Catalogue.of(library.articles()))
    asked = {"question": "Who?", "model": "x"}
    assert evaluator(asked, {}, None)["results"][0] == {
        "key": "right",
        "score": 0.0,
        "comment": "There is no answer.",
    }
    refused = Answer("Who?", "Who?", refusal=Refusal("Who?", 1, None, "No."), complete=True).to_json()
    scores = evaluator(asked, refused, {"answerable": False, "note": "x"})["results"]
    assert (scores[0]["key"], scores[0]["score"]) == ("right", 1.0)


def test_a_whole_path_names_its_article_before_the_end_of_another() -> None:
    one, other = Article("A.", path="AC/DC#1"), Article("B.", path="DC#1")
    assert Catalogue.of([one, other])["DC#1"] == {other.id}
