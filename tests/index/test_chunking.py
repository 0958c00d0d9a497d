import string
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.chunking import chunk_article, text_to_embed
from index.sentences import sentence_spans
from tests.fakes import WordEmbedder

EMBEDDER = WordEmbedder()
PUNCTUATION = " \n.!?,“”\"'()’-"
TEXTS = st.text(st.sampled_from(string.ascii_letters + PUNCTUATION * 3 + "éİ𝔸ş"), max_size=600)


def article_of(sentences: list[str]) -> Article:
    return Article(text=" ".join(sentences))


@given(TEXTS, st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_a_chunk_is_its_span_of_the_article_whatever_the_text(text: str, room: int) -> None:
    article = Article(text=text, headline="A headline of five words")
    chunks = chunk_article(article, EMBEDDER, room)
    covered = set()
    for number, chunk in enumerate(chunks):
        assert chunk.number == number
        assert article.text[chunk.start : chunk.end] == chunk.text
        assert (chunk.sentences[0][0], chunk.sentences[-1][1]) == (chunk.start, chunk.end)
        covered |= {i for start, end in chunk.sentences for i in range(start, end)}
    missing = {i for i, character in enumerate(text) if not character.isspace()} - covered
    assert not missing, "a character of the story is in no chunk"


@given(TEXTS, st.text(st.sampled_from(string.ascii_letters + " "), max_size=900))
@settings(max_examples=200, deadline=None)
def test_what_is_embedded_is_never_longer_than_the_model_reads(text: str, headline: str) -> None:
    article = Article(text=text, headline=headline, outlet="The Harbour Post")
    for chunk in chunk_article(article, EMBEDDER, chunk_tokens=1_000):
        assert EMBEDDER.count_tokens([text_to_embed(article, chunk, EMBEDDER)])[0] <= EMBEDDER.max_tokens


def test_neighbouring_chunks_share_one_sentence() -> None:
    article = article_of(
        [f"Sentence number {word} has six words." for word in ("one", "two", "three", "four")]
    )
    chunks = chunk_article(article, EMBEDDER, chunk_tokens=12)
    assert [chunk.text for chunk in chunks] == [
        "Sentence number one has six words. Sentence number two has six words.",
        "Sentence number two has six words. Sentence number three has six words.",
        "Sentence number three has six words. Sentence number four has six words.",
    ]


def test_sentences_stay_whole_unless_one_alone_is_too_long() -> None:
    long_sentence = " ".join(["Word"] + ["word"] * 24) + "."
    article = article_of(["He spoke for an hour.", long_sentence, "Then he left."])
    texts = [chunk.text for chunk in chunk_article(article, EMBEDDER, chunk_tokens=10)]
    assert texts[0] == "He spoke for an hour."
    assert [len(text.split()) for text in texts[1:3]] == [10, 10]
    assert texts[3] == "word word word word word. Then he left."


def test_an_article_without_text_has_no_chunks() -> None:
    assert chunk_article(Article(text=" \n "), EMBEDDER) == []


def test_the_headline_outlet_and_date_are_searchable_but_not_quoted() -> None:
    from datetime import date

    article = Article(
        text="It rained.", headline="Rain", outlet="The Harbour Post", published=date(2023, 11, 5)
    )
    (chunk,) = chunk_article(article, EMBEDDER)
    assert text_to_embed(article, chunk, EMBEDDER) == "Rain | The Harbour Post | 5 November 2023\nIt rained."
    assert chunk.text == "It rained."
    assert (
        text_to_embed(replace(article, published=None), chunk, EMBEDDER)
        == "Rain | The Harbour Post\nIt rained."
    )


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_sentences_come_in_order_and_leave_nothing_out(text: str) -> None:
    spans = sentence_spans(text)
    end = 0
    for start, stop in spans:
        assert text[end:start].strip() == ""
        assert text[start:stop].strip() == text[start:stop] != ""
        end = stop
    assert text[end:].strip() == ""
