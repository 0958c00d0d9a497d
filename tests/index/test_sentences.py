import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sentences import sentence_spans
from tests.index.sentence_cases import ALTERNATIVES, CASES, HELD_OUT

# What we do not get right, and why. Each leaves two sentences together; none cuts a sentence in two.
KNOWN_MISSES = {
    "The lawsuit names Martin Hale Jr. A hearing is set for May.": "after Jr., A may be an initial",
    "The body was flown to Washington, D.C. Relatives waited there.": "as in D.C. Circuit",
    "The strike hit at 4:30 a.m. Residents fled on foot.": "as in 9 a.m. Monday",
    "Doctors call it vitamin C. Patients like it.": "as in C. Patel, an initial",
    "The temperature hit 41.5 C. Schools closed.": "as in C. Schulz, an initial",
    "The iPhone is late. eBay sellers wait.": "a sentence that begins in lower case",
}


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def text_of(case: str) -> str:
    return case.replace("|", "")


def sentences_of(case: str) -> list[str]:
    return [sentence.strip() for sentence in case.split("|")]


def is_miss(case: str) -> bool:
    return text_of(case) in KNOWN_MISSES


@pytest.mark.parametrize("case", [case for case in CASES + HELD_OUT if not is_miss(case)])
def test_a_text_is_split_where_a_reader_would(case: str) -> None:
    assert split(text_of(case)) == sentences_of(case)


@pytest.mark.parametrize("case", [case for case in CASES + HELD_OUT if is_miss(case)])
def test_a_known_miss_leaves_two_sentences_together(case: str) -> None:
    # When this fails because the text is split right, take it off the list: the list only shrinks.
    assert split(text_of(case)) == [text_of(case)]
    assert len(sentences_of(case)) == 2


def test_each_known_miss_and_each_alternative_is_about_a_case() -> None:
    texts = {text_of(case) for case in CASES + HELD_OUT}
    assert len(texts) == len(CASES) + len(HELD_OUT) == 127
    assert set(KNOWN_MISSES) <= texts
    assert {text_of(case) for case in ALTERNATIVES} <= texts
    assert not set(ALTERNATIVES) & set(CASES)


@pytest.mark.parametrize("marks", ["“”", '""'])
def test_a_quotation_of_up_to_400_characters_is_one_sentence_and_a_longer_one_is_a_speech(marks: str) -> None:
    opening, closing = marks[0], marks[1]
    remark = "We slept. " * 39 + "We woke."  # 398 characters, 400 with its marks
    assert split(f"It rained. {opening}{remark}{closing} She left.") == [
        "It rained.",
        f"{opening}{remark}{closing}",
        "She left.",
    ]
    assert len(split(f"{opening}{remark} We left.{closing}")) == 41


def test_a_quotation_keeps_the_words_before_and_after_it() -> None:
    text = 'Asked why, he said: "It was late. We were tired." The court rose. "No. Never," Ann Wu told it.'
    assert split(text) == [
        'Asked why, he said: "It was late. We were tired."',
        "The court rose.",
        '"No. Never," Ann Wu told it.',
    ]


def test_a_quotation_mark_without_its_partner_joins_nothing() -> None:
    assert split("“We will not leave. We stay. They know.") == [
        "“We will not leave.",
        "We stay.",
        "They know.",
    ]
    assert split('The 12" pipe broke. It leaked. A 9" one held.') == [
        'The 12" pipe broke.',
        "It leaked.",
        'A 9" one held.',
    ]


def test_an_ellipsis_ends_a_sentence_only_where_a_capital_tells_of_the_next() -> None:
    assert split("He paused… and I… I left. We stayed… “Élodie went.”") == [
        "He paused… and I… I left.",
        "We stayed…",
        "“Élodie went.”",
    ]


def test_offsets_count_characters_whatever_the_script() -> None:
    text = "İstanbul sleeps 𝔸𝔹. E\u0301lodie 🇺🇦 woke. 北京。 Şule left… İnci stayed."
    assert split(text) == [
        "İstanbul sleeps 𝔸𝔹.",
        "E\u0301lodie 🇺🇦 woke.",
        "北京。 Şule left…",
        "İnci stayed.",
    ]


def test_nothing_gives_no_sentence() -> None:
    assert sentence_spans("") == sentence_spans(" \n\n\t ") == []


WORDS = ["U.S.", "Gen.", "No.", "1.", "(a)", "He", "left", "said", "Ann", "İz", "𝔸", "e\u0301", "…", "..."]
BLANKS = [" ", " ", " ", "\n", "\n\n", "\n \t\n", "\n\u00a0\nand", "\r\n", "\u00a0", "\u2028", "\x1c"]
NEWS = st.lists(st.sampled_from([*WORDS, *BLANKS, *".,?!;:—“”\"'‘’()[]"]), max_size=60).map("".join)
ANYTHING = st.text(st.characters(codec="utf-8") | st.sampled_from(string.punctuation + " \n"), max_size=80)


@given(NEWS | ANYTHING)
@settings(max_examples=300, deadline=None)
def test_spans_are_in_order_leave_nothing_out_and_end_at_every_blank_line(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert position <= start < end
        assert not text[position:start].strip()
        sentence = text[start:end]
        assert sentence == sentence.strip()
        assert all(line.strip() for line in sentence.split("\n"))
        position = end
    assert not text[position:].strip()
