"""The assistant: one Runnable that streams, refuses and follows a conversation."""

import asyncio
import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda

from index.library import Library
from rag.answer import Answer, Passage, Turn
from rag.assistant import Assistant, AssistantInput
from rag.citing import Quoted
from rag.question import StandaloneQuestion
from rag.retrieval import HybridRetriever
from rag.suggesting import Suggestions
from tests.fakes import add_texts


class SharedWords:
    """An answerer for tests: every sentence that has a long word of the question, in order."""

    def choose(self, question: StandaloneQuestion, passages: Sequence[Passage]) -> Iterator[Quoted]:
        asked = {word.strip("?.") for word in question.text.lower().split() if len(word) > 3}
        for passage in passages:
            for start, end in passage.chunk.sentences:
                if asked & {word.strip(".,") for word in passage.article.text[start:end].lower().split()}:
                    yield Quoted(passage, start, end)


@pytest.fixture
def assistant(library: Library, tmp_path: Path) -> Assistant:
    add_texts(
        library,
        tmp_path / "in",
        {
            "ferry.txt": "Fares rise\n\nThe Skarra ferry costs more. Mara Vell said the Skarra quay is old.",
            "flood.txt": "Flood study\n\nTwice as many homes may flood. Mara Vell, a hydrologist, led the study.",
        },
    )
    return Assistant(HybridRetriever(library=library), SharedWords())


def test_a_stream_gives_passages_then_statements_then_the_whole_answer(assistant: Assistant) -> None:
    snapshots = list(assistant.stream({"question": "Is the Skarra quay?"}))
    assert [(len(s.passages), len(s.statements), s.complete) for s in snapshots] == [
        (2, 0, False),
        (2, 1, False),
        (2, 2, False),
        (2, 2, True),
    ]
    assert snapshots[-1].text == "The Skarra ferry costs more. [1] Mara Vell said the Skarra quay is old. [2]"
    assert set(snapshots[-1].seconds) == {"understanding", "retrieval", "answering"}


def test_every_way_to_ask_gives_the_same_answer(assistant: Assistant) -> None:
    asked: AssistantInput = {"question": "Is the Skarra quay?"}

    async def collect() -> list[Answer]:
        streamed = [answer async for answer in assistant.astream(asked)]
        return [streamed[-1], await assistant.ainvoke(asked), *await assistant.abatch([asked])]

    answers = [assistant.invoke(asked), list(assistant.stream(asked))[-1], *assistant.batch([asked, asked])]
    answers += asyncio.run(collect())
    assert answers == [answers[0]] * 7
    assert answers[0].complete
    assert len(answers[0].citations) == 2


def test_it_can_be_a_link_of_a_langchain_chain(assistant: Assistant) -> None:
    asked: RunnableLambda[str, AssistantInput] = RunnableLambda(lambda text: {"question": text})
    chain = asked | assistant | RunnableLambda(lambda answer: answer.text)
    assert chain.invoke("Is the Skarra quay?").startswith("The Skarra ferry costs more.")
    assert list(chain.stream("Is the Skarra quay?"))[-1].startswith("The Skarra ferry costs more.")


def test_langchain_can_describe_and_trace_it(assistant: Assistant) -> None:
    assert "history" in json.dumps(assistant.get_input_jsonschema())
    asked: AssistantInput = {"question": "Is the Skarra quay?"}

    async def log() -> list[Any]:
        return [event async for event in assistant.astream_events(asked)]

    assert asyncio.run(log())
    assert copy.deepcopy(assistant.invoke(asked)) == assistant.invoke(asked)


@pytest.mark.parametrize(
    "question",
    ["", "  ", "?!", "a" * 5_000, "\udcff what", "constructor {articles}", "What\nis\tit?", "😀 قطر؟"],
)
def test_any_question_gets_an_answer_or_a_refusal(assistant: Assistant, question: str) -> None:
    answer = assistant.invoke({"question": question})
    assert answer.complete
    answer.text.encode()


def test_an_article_of_one_endless_word_does_not_stop_the_suggestions(
    library: Library, tmp_path: Path
) -> None:
    """This held up the whole server; the test would run into its time limit."""
    add_texts(library, tmp_path / "in", {"a.txt": "Endless\n\nIt began. " + "A" * 300_000 + " ended."})
    with Suggestions(library, Assistant(HybridRetriever(library=library), SharedWords())) as suggestions:
        assert suggestions.wait() == []


def test_no_answer_is_a_refusal_that_says_what_was_searched(assistant: Assistant) -> None:
    answer = assistant.invoke({"question": "Who won the flooded World Cup?"})
    assert answer.refused
    assert answer.refusal is not None
    assert answer.refusal.articles_searched == 2
    assert answer.refusal.nearest is not None
    assert answer.refusal.nearest.headline == "Flood study"
    assert (
        answer.text
        == "The articles do not answer this. Searched in 2 articles for: Who won the flooded World Cup?"
    )


def test_nonsense_has_no_nearest_article(assistant: Assistant) -> None:
    refusal = assistant.invoke({"question": "asdf qwer zxcv"}).refusal
    assert refusal is not None
    assert refusal.nearest is None


def test_an_empty_library_refuses(library: Library) -> None:
    answer = Assistant(HybridRetriever(library=library), SharedWords()).invoke({"question": "Who?"})
    assert answer.refusal is not None
    assert (answer.refusal.articles_searched, answer.refusal.nearest) == (0, None)


def test_a_follow_up_is_searched_as_it_was_understood(assistant: Assistant) -> None:
    first = assistant.invoke({"question": "Who is Mara Vell?"})
    answer = assistant.invoke(
        {"question": "What did she say?", "history": [Turn("Who is Mara Vell?", first)]}
    )
    assert (answer.question, answer.standalone_question) == ("What did she say?", "What did Mara Vell say?")


@pytest.mark.parametrize(
    ("asked", "understood"),
    [
        ("Is the Scarra quay old?", "Is the Skarra quay old?"),
        ("what does the skara ferry cost", "what does the skarra ferry cost"),
        ("What did Mira Vell say?", "What did Mira Vell say?"),  # in the dictionary, and not "Mara"
        ("Why shouldn't the Scarra's ferry sail?", "Why shouldn't the Skarra's ferry sail?"),
        ("Is the Skara ferry cheap?", "Is the Skarra ferry cheap?"),
        (
            "Is there a moor at the ferry?",
            "Is there a moor at the ferry?",
        ),  # "more" is there, but this is English
        ("Who is Biden?", "Who is Biden?"),  # nothing is near
        ("", ""),
    ],
)
def test_a_name_in_another_spelling_is_searched_as_the_articles_spell_it(
    assistant: Assistant, asked: str, understood: str
) -> None:
    assert assistant.invoke({"question": asked}).standalone_question == understood


def test_no_text_stands_in_python_but_every_prompt_has_its_variables() -> None:
    from langchain_core.prompts import PromptTemplate

    folder = Path(__file__).parents[2] / "prompts"
    variables = {path.name: PromptTemplate.from_file(path).input_variables for path in folder.glob("*.txt")}
    assert variables == {"refusal.txt": ["articles", "searched_for"]}


def test_suggested_questions_are_answered_from_different_articles(
    assistant: Assistant, library: Library
) -> None:
    with Suggestions(library, assistant) as suggestions:
        found = suggestions.wait()
    assert sorted(found) == ["What did Mara Vell say?", "Who is Mara Vell?"]
