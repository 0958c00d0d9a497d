"""The embedded answerer: which sentences it takes, and which it never does."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.embedding import SentenceTransformerEmbedder
from index.library import Library
from rag.answer import Passage
from rag.answering import EmbeddedAnswerer
from rag.features import FEATURES, Candidate, candidates, feature_matrix
from rag.kinds import Kind, has_shape_of
from rag.question import StandaloneQuestion, standalone_question
from rag.reader import EmbeddedReader
from rag.reranking import read_passages
from rag.retrieval import HybridRetriever
from tests.fakes import add_texts

STORY = """Hamas and the report

Hamas said on Telegram that the report was baseless. The post was short.

Strategic error

Khamenei told Haniyeh that Iran would not enter the war. An official said that Khamenei
pressed Haniyeh to silence voices in the group. The attack killed 1,200 Israelis.
"""


@pytest.fixture
def real_library(embedder: SentenceTransformerEmbedder, tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library", embedder, create=True) as opened:
        yield opened


READER = EmbeddedReader()


def read(question: StandaloneQuestion, passages: Sequence[Passage]) -> list[Candidate]:
    return candidates(read_passages(READER, question.text, passages))


def chosen(library: Library, question: str, **options: int) -> list[str]:
    passages = HybridRetriever(library=library).passages(question)
    quoted = EmbeddedAnswerer(library, READER, **options).choose(standalone_question(question), passages)
    return [q.passage.article.text[q.start : q.end] for q in quoted]


@pytest.mark.models
@pytest.mark.parametrize("question", ["What did Khamenei tell Haniyeh?", "what did khamenei tell haniyeh"])
def test_what_somebody_said_comes_before_what_was_said_of_him(
    real_library: Library, tmp_path: Path, question: str
) -> None:
    add_texts(real_library, tmp_path / "in", {"story.txt": STORY})
    assert chosen(real_library, question)[0] == "Khamenei told Haniyeh that Iran would not enter the war."


@pytest.mark.models
def test_a_claim_and_its_denial_are_both_told_but_a_copy_only_once(
    real_library: Library, tmp_path: Path
) -> None:
    add_texts(
        real_library,
        tmp_path / "in",
        {
            "a.txt": "First\n\nThe council confirmed the bridge report. It met late.",
            "b.txt": "Second\n\nThe council confirmed the bridge report. It met early.",
            "c.txt": "Third\n\nThe council denied the bridge report. It met at noon.",
        },
    )
    told = chosen(real_library, "Did the council confirm or deny the bridge report?")
    assert sorted(told[:2]) == [
        "The council confirmed the bridge report.",
        "The council denied the bridge report.",
    ]
    assert len([text for text in told if "confirmed" in text]) == 1


@pytest.mark.models
def test_no_sentence_answers_about_somebody_whom_its_article_does_not_name(
    real_library: Library, tmp_path: Path
) -> None:
    add_texts(real_library, tmp_path / "in", {"story.txt": STORY})
    assert chosen(real_library, "What did Biden tell Haniyeh about the war?") == []


@pytest.mark.models
def test_how_many_wants_a_number(real_library: Library, tmp_path: Path) -> None:
    add_texts(real_library, tmp_path / "in", {"story.txt": STORY})
    assert chosen(real_library, "How many Israelis were killed?") == ["The attack killed 1,200 Israelis."]
    add_texts(
        real_library, tmp_path / "in", {"story.txt": STORY.replace(" The attack killed 1,200 Israelis.", "")}
    )
    assert chosen(real_library, "How many Israelis were killed?") == []
    assert chosen(real_library, "How many voices did Khamenei press Haniyeh to silence?") == []


@pytest.mark.models
def test_a_claim_is_followed_by_its_denial_but_not_by_that_of_another(
    real_library: Library, tmp_path: Path
) -> None:
    add_texts(
        real_library,
        tmp_path / "in",
        {
            "a.txt": "Bridge\n\nEngineer Tom Hale claimed that the bridge was never inspected. The council disputed that. "
            "It showed a report of nine pages.",
            "b.txt": "Choir\n\nThe choir denied that its trip to the bridge museum had cost 900 pounds.",
        },
    )
    told = chosen(real_library, "What did Tom Hale claim about the bridge?")
    assert told[:2] == [
        "Engineer Tom Hale claimed that the bridge was never inspected.",
        "The council disputed that.",
    ]
    assert not any("choir" in text for text in told)


@pytest.mark.models
def test_a_claim_is_followed_by_its_denial_two_sentences_on_and_not_by_what_nobody_denies(
    real_library: Library, tmp_path: Path
) -> None:
    add_texts(
        real_library,
        tmp_path / "in",
        {
            "a.txt": "Ballots\n\nA group of residents claimed that 1,100 ballots were never sent. It gave no names. The count took "
            "two days. The club denied that anything had gone wrong.",
            "b.txt": "Ballots again\n\nThe club did not deny that ballots were printed late.",
        },
    )
    told = chosen(real_library, "Who claimed that ballots were never sent?")
    assert "The club denied that anything had gone wrong." in told
    assert not any("did not deny" in text for text in told)


@pytest.mark.models
def test_a_question_in_two_parts_gets_an_answer_to_each(real_library: Library, tmp_path: Path) -> None:
    add_texts(
        real_library,
        tmp_path / "in",
        {
            "a.txt": "Airport\n\nThe new airport at Sandvik was opened by Queen Ragna. The ceremony took place on 4 May 2021. "
            "A choir sang. Critics had long said that nobody would fly from there."
        },
    )
    told = chosen(real_library, "Who opened the airport at Sandvik and when did the ceremony take place?")
    assert "Queen Ragna" in told[0] and "4 May 2021" in told[1]


@pytest.mark.models
def test_the_words_that_answer_are_marked(real_library: Library, tmp_path: Path) -> None:
    add_texts(real_library, tmp_path / "in", {"story.txt": STORY})
    question = "How many Israelis were killed?"
    passages = HybridRetriever(library=real_library, reader=READER).passages(question)
    (quoted, *_) = EmbeddedAnswerer(real_library, READER).choose(standalone_question(question), passages)
    assert quoted.answer
    assert "1,200" in quoted.passage.article.text[slice(*quoted.answer)]
    assert quoted.confidence and 0.5 < quoted.confidence <= 1


@pytest.mark.models
def test_there_are_never_more_statements_than_wanted(real_library: Library, tmp_path: Path) -> None:
    add_texts(real_library, tmp_path / "in", {"story.txt": STORY})
    assert (
        len(chosen(real_library, "What did Hamas and Khamenei say about the report?", max_statements=1)) == 1
    )


@pytest.mark.models
def test_of_two_numbers_neither_is_dropped_because_one_is_written_within_the_other(
    real_library: Library, tmp_path: Path
) -> None:
    add_texts(
        real_library,
        tmp_path / "in",
        {
            "a.txt": "Fire\n\nThe fire in Calder killed 200 people, the mayor said.",
            "b.txt": "Fire in Calder\n\nThe fire in Calder killed 1,200 people, the army said.",
        },
    )
    assert len(chosen(real_library, "How many people did the fire in Calder kill?")) == 2


@pytest.mark.models
def test_who_denies_and_who_confirms_are_both_told(real_library: Library, tmp_path: Path) -> None:
    add_texts(
        real_library,
        tmp_path / "in",
        {
            "a.txt": "Letter\n\nHamas denied on Monday that it had read the letter from Tehran.",
            "b.txt": "Letter read\n\nHamas confirmed on Monday that it had read the letter from Tehran.",
        },
    )
    assert len(chosen(real_library, "Has Hamas read the letter from Tehran?")) == 2


@pytest.mark.parametrize(
    "name", ["Khatt-e-Hezbollah", "Al-Aqsa", "Euro 2024", "the Bank of England", "José Núñez"]
)
def test_a_name_that_the_article_says_is_not_lacking(library: Library, tmp_path: Path, name: str) -> None:
    add_texts(library, tmp_path / "in", {"a.txt": f"News\n\nThe future of {name} was discussed at length."})
    question = StandaloneQuestion(f"What was said about {name}?")
    found = read(question, HybridRetriever(library=library).passages(question.text))
    matrix = feature_matrix(question, found, defaultdict(float), np.ones(len(found), np.float32))
    assert matrix[:, FEATURES.index("lacks_names")].tolist() == [0.0]


def test_a_question_full_of_names_costs_no_time(library: Library, tmp_path: Path) -> None:
    names = " ".join(f"{a}{b}{c}" for a in "ABCDEF" for b in "aeiou" for c in "bdfgklmnprst")
    add_texts(library, tmp_path / "in", {"a.txt": f"News\n\nThe names are {names} and no more."})
    question = StandaloneQuestion(f"Who is {names}?")
    found = read(question, HybridRetriever(library=library).passages(question.text))
    matrix = feature_matrix(question, found * 20, defaultdict(float), np.ones(20 * len(found), np.float32))
    assert len(matrix) == 20 * len(found) > 0
    assert not matrix[:, FEATURES.index("lacks_names")].any()


def test_subheadings_are_no_answers_and_a_shared_sentence_is_one_candidate(
    library: Library, tmp_path: Path
) -> None:
    sentences = [f"Sentence number {n} of the harbour story has a few words more." for n in range(12)]
    add_texts(
        library, tmp_path / "in", {"s.txt": "A harbour story\n\nStrategic error\n\n" + " ".join(sentences)}
    )
    passages = HybridRetriever(library=library).passages("harbour story")
    assert len(passages) > 1, "the chunks overlap"
    found = [candidate.text for candidate in read(StandaloneQuestion("harbour story"), passages)]
    assert sorted(found) == sorted(sentences)


def test_questions_subheadings_and_withdrawn_words_are_no_statements(
    library: Library, tmp_path: Path
) -> None:
    text = (
        "Striker stays\n\nWhat is the strike about\n\nWill the striker leave the club in January?\n\n"
        "Correction: An earlier version of this article said the striker scored 28 goals. It was 29 goals in all."
    )
    add_texts(library, tmp_path / "in", {"a.txt": text})
    question = StandaloneQuestion("How did the striker do?")
    found = read(question, HybridRetriever(library=library).passages(question.text))
    assert [candidate.text for candidate in found] == ["It was 29 goals in all."]


def test_a_row_of_dashes_beside_a_name_costs_no_time() -> None:
    """This ran for longer than anybody waits; the test would run into its time limit."""
    for noise in ("-" * 5_000, ", " * 5_000, "– " * 5_000):
        assert not has_shape_of(Kind.SPEECH, f"Khamenei {noise} x y z.", "What did Khamenei tell Haniyeh?")
