"""The report, the JUnit file, the tables and the plots of a scorecard: whole, escaped, and honest."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from typing import Any
from unicodedata import east_asian_width
from xml.etree import ElementTree

import pytest

from rag.evaluation.junit import junit_report
from rag.evaluation.plots import f1_plot, retrieval_plot, risk_plot, time_plot
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.report import html_report, verdict_of
from rag.evaluation.scorecard import Result, Scorecard
from rag.evaluation.tables import markdown_report

PLOTS = (retrieval_plot, risk_plot, time_plot, f1_plot)
PASSAGE = "It rained on Monday. The bridge was closed. Nobody was hurt."
QUOTE = "The bridge was closed."
HOSTILE = "<script>alert(1)</script></mark>]]>\0\u202ereversed\ud800 &amp; {{ 7 * 7 }}"


def citation(**other: Any) -> dict[str, Any]:
    start = 100 + PASSAGE.index(QUOTE)
    return {
        "number": 1,
        "passage": 1,
        "article_id": "a",
        "headline": "Rain",
        "outlet": "The Post",
        "byline": None,
        "published": "2023-11-05T10:00:00+00:00",
        "credit": None,
        "path": "a.md",
        "url": "https://post.example/rain",
        "start": start,
        "end": start + len(QUOTE),
        "quote": QUOTE,
        **other,
    }


def answer(**other: Any) -> dict[str, Any]:
    passage = {
        "number": 1,
        "article_id": "a",
        "headline": "Rain",
        "outlet": "The Post",
        "published": None,
        "score": 0.5,
        "start": 100,
        "end": 100 + len(PASSAGE),
        "text": PASSAGE,
    }
    return {
        "question": "What was closed?",
        "standalone_question": "What was closed?",
        "refused": False,
        "text": f"{QUOTE} [1]",
        "passages": [passage],
        "citations": [citation()],
        "refusal": None,
        "statements": [{"text": QUOTE, "citations": [1], "verdict": "verbatim"}],
        "confidence": 0.8,
        "seconds": {"retrieval": 0.25, "answering": 0.5},
        **other,
    }


def refusal() -> dict[str, Any]:
    refused = {
        "searched_for": "x",
        "articles_searched": 3,
        "nearest": None,
        "text": "The articles do not say.",
    }
    none: dict[str, Any] = {"statements": [], "citations": [], "confidence": None}
    return answer(refused=True, refusal=refused, text=refused["text"], **none)


def result(
    name: str = "one",
    said: dict[str, Any] | None = None,
    scores: dict[str, float] | None = None,
    **asked: Any,
) -> Result:
    question = EvalQuestion(id=name, **{"question": "What was closed?", **asked})
    return Result(question, said or answer(), {"right": 1.0} if scores is None else scores)


def failed(name: str = "lost", error: str = "TimeoutError: too slow") -> Result:
    return Result(EvalQuestion(id=name, question="Why?"), None, {"right": 0.0}, error=error)


def every_kind() -> Scorecard:
    wrong = Result(
        EvalQuestion(id="wrong", question="Who?", answers=("Ann",), tags=("who",)),
        answer(),
        {"right": 0.0},
        ("It does not say any of: Ann",),
    )
    return Scorecard.of(
        [
            result("right", tags=("what",)),
            result("rightly", refusal(), answerable=False),
            wrong,
            result("wrongly", refusal(), {"right": 0.0}),
            failed(),
            result("open", scores={}),
        ],
        {"top_k": 8},
    )


def page_of(*results: Result, **settings: Any) -> str:
    return html_report(Scorecard.of(results, settings))


class Tags(HTMLParser):
    """Every start tag of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


def everywhere_hostile() -> Scorecard:
    """A scorecard that says HOSTILE wherever it has text of its own or of others."""
    said = answer(
        standalone_question=HOSTILE,
        statements=[{"text": HOSTILE, "citations": [1], "verdict": "verbatim"}],
        citations=[citation(**dict.fromkeys(("headline", "outlet", "published", "quote", "url"), HOSTILE))],
        seconds={HOSTILE: 0.5},
    )
    said["passages"][0] |= {"text": HOSTILE, "headline": HOSTILE, "outlet": HOSTILE}
    said["citations"][0] |= {"start": 100, "end": 100 + len(HOSTILE)}
    asked: dict[str, Any] = dict.fromkeys(
        ("history", "references", "sources", "evidence", "tags"), (HOSTILE,)
    )
    question = EvalQuestion.model_construct(id=HOSTILE, question=HOSTILE, answers=(HOSTILE,), **asked)
    lost = EvalQuestion.model_construct(id=f"{HOSTILE}2", question=HOSTILE)
    return Scorecard.of(
        [
            Result(question, said, {"right": 0.0, "answer.f1": 0.5}, (HOSTILE,)),
            Result(lost, None, {"right": 0.0}, error=HOSTILE),
        ],
        {HOSTILE: HOSTILE},
    )


def test_hostile_text_is_shown_and_never_obeyed() -> None:
    page = html_report(everywhere_hostile())
    assert [tag for tag, _ in Tags(page).found].count("script") == 1
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/mark&gt;]]&gt;[U+0000][U+202E]reversed[U+D800] &amp;amp; {{ 7"
        in page
    )
    assert not set("\0\u202e\ud800") & set(page)
    assert page.count("<mark>") == page.count("</mark>") == 1
    assert not [name for _, attributes in Tags(page).found for name in attributes if name.startswith("on")]


def test_the_cited_span_is_marked_exactly() -> None:
    page = page_of(result())
    quoted = re.findall(r"<blockquote.*?>(.*?)</blockquote>", page, re.DOTALL)
    assert quoted == [f"It rained on Monday. <mark>{QUOTE}</mark> Nobody was hurt."]
    assert "does not stand" not in page


@pytest.mark.parametrize(
    "misplaced",
    [
        {"start": 122},
        {"end": 9000},
        {"start": 0, "end": 22},
        {"start": 61, "end": 83},
        {"passage": 7},
        {"quote": "The bridge was open."},
    ],
)
def test_a_quote_that_is_not_where_its_citation_says_is_shown_and_said_to_be_misplaced(
    misplaced: dict[str, Any],
) -> None:
    page = page_of(result(said=answer(citations=[citation(**misplaced)])))
    assert "This quote does not stand where its citation says." in page
    assert "<mark>" not in page
    assert f">{misplaced.get('quote', QUOTE)}</blockquote>" in page


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//post.example", "https://[", "https://a/\u202e", None],
)
def test_only_a_web_address_becomes_a_link(url: str | None) -> None:
    page = page_of(result(said=answer(citations=[citation(url=url)])))
    links = [attributes["href"] or "" for tag, attributes in Tags(page).found if tag == "a"]
    assert [link for link in links if not link.startswith("#")] == []


def test_the_page_loads_nothing_and_links_only_to_articles() -> None:
    card = Scorecard.of(
        [result(scores={"right": 1.0, "answer.f1": 0.5, "article.mrr@10": 1.0} | recalls("article"))], {}
    )
    page = html_report(card)
    tags = Tags(page).found
    assert not {tag for tag, _ in tags} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "image",
        "audio",
    }
    assert not [attributes for _, attributes in tags if {"src", "srcset", "style-src"} & set(attributes)]
    outside = [a for _, a in tags if (a.get("href") or a.get("xlink:href") or "#")[0] != "#"]
    assert outside == [{"href": "https://post.example/rain", "rel": "noopener noreferrer"}]
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_the_policy_admits_the_script_of_the_page_and_no_other() -> None:
    page = page_of(result())
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)[0]
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0])
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}';" in policy


def test_ids_are_unique_and_every_reference_into_the_page_is_met() -> None:
    tags = Tags(html_report(every_kind())).found
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {(a.get("href") or "")[1:] for _, a in tags if (a.get("href") or "").startswith("#")}
    assert targets <= set(ids)


def test_failed_questions_are_named_at_the_top_of_page_and_table() -> None:
    card = Scorecard.of([result(), failed("lost|one"), failed("lost two")], {})
    top = html_report(card).partition("</header>")[0]
    assert "2 questions failed." in top
    assert all(words in top for words in ("lost|one", "lost two", "TimeoutError: too slow"))
    assert r"**2 questions failed:** lost\|one, lost two" in markdown_report(card)


def test_of_many_failed_questions_the_table_names_ten() -> None:
    card = Scorecard.of([failed(f"q{number}") for number in range(12)], {})
    assert "**12 questions failed:** q0, q1, q2, q3, q4, q5, q6, q7, q8, q9 and 2 more" in markdown_report(
        card
    )


@pytest.mark.parametrize("complete", [True, False])
def test_a_run_that_was_stopped_early_says_so(complete: bool) -> None:
    card = Scorecard.of([result()], {}, complete=complete)
    assert ("Stopped early" in html_report(card)) is not complete
    assert ("Stopped early" in markdown_report(card)) is not complete


def test_every_question_has_its_verdict_the_worst_first() -> None:
    card = every_kind()
    assert {one.id: verdict_of(one) for one in card.results} == {
        "right": "right",
        "rightly": "refused-rightly",
        "wrong": "wrong",
        "wrongly": "refused-wrongly",
        "lost": "failed",
        "open": "not-judged",
    }
    shown = [a["data-verdict"] for tag, a in Tags(html_report(card)).found if "data-verdict" in a]
    assert shown == ["failed", "wrong", "refused-wrongly", "not-judged", "right", "refused-rightly"]


def test_what_was_asked_expected_and_missed_is_on_the_page() -> None:
    page = html_report(every_kind())
    for words in (
        "It does not say any of: Ann",
        "Rain",
        "The Post · 5 November 2023",
        "The articles do not say.",
    ):
        assert words in page
    asked = result(
        history=("Where?",), references=("A bridge.",), evidence=("It fell.",), sources=(("a", "b"),)
    )
    page = page_of(asked, top_k=8, models=["m", "n"])
    for words in ("Where?", "A bridge.", "It fell.", "a or b", "top k", "m, n"):
        assert f">{words}<" in page


def test_an_empty_scorecard_makes_a_page_a_table_and_a_suite() -> None:
    empty = Scorecard.of([], {})
    assert "No question was asked." in html_report(empty)
    assert markdown_report(empty) == "**0 questions**"
    assert ElementTree.fromstring(junit_report(empty)).get("tests") == "0"


def test_one_answer_without_confidence_or_interval_is_enough() -> None:
    page = page_of(result(said=answer(confidence=None), scores={"answer.f1": 0.25}))
    assert ">0.250</td>" in page
    assert "Risk and coverage" not in page


def test_junit_counts_each_kind_and_tells_what_was_missed() -> None:
    suite = ElementTree.fromstring(junit_report(every_kind()))
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "6", "failures": "2", "errors": "1", "skipped": "1", "time": "3.7500"}
    outcomes = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert outcomes == {
        "right": [],
        "rightly": [],
        "wrong": ["failure"],
        "wrongly": ["failure"],
        "lost": ["error"],
        "open": ["skipped"],
    }
    case = next(case for case in suite.iter("testcase") if case.get("name") == "wrong")
    assert (case.get("classname"), case.get("time")) == ("eval.who", "0.7500")
    assert case[0].text == f"It does not say any of: Ann\nQuestion: Who?\nAnswer: {QUOTE} [1]"


def test_junit_leaves_out_what_xml_forbids_and_keeps_the_rest() -> None:
    case = ElementTree.fromstring(junit_report(everywhere_hostile())).find("testcase")
    assert case is not None
    assert case.get("name") == "<script>alert(1)</script></mark>]]>\u202ereversed &amp; {{ 7 * 7 }}"


def test_the_columns_of_every_table_line_up() -> None:
    scores = {"right": 1.0, "answer.f1": 0.5, "news.hedge": 0.0, "refusal.rate": 0.0, "article.map": 1.0}
    asked = [result(str(n), scores=scores, tags=("a|b", "日本語", "line\nbreak\x1b[31m")) for n in range(3)]
    tables = [
        block for block in markdown_report(Scorecard.of(asked, {})).split("\n\n") if block.startswith("|")
    ]
    assert [re.findall(r"\w+", table)[0] for table in tables] == [
        "Answers",
        "Refusal",
        "News",
        "Retrieval",
        "Tag",
        "Time",
    ]
    for table in tables:
        lines = table.splitlines()
        places = {
            tuple(place for place in range(len(wide)) if wide[place] == "|" and wide[place - 1] != "\\")
            for wide in (
                re.sub(".", lambda c: c[0] + "_" * (east_asian_width(c[0]) == "W"), line) for line in lines
            )
        }
        assert len(places) == 1, table
    assert r"a\|b" in tables[4]
    assert "\x1b" not in tables[4]


def test_the_headline_says_how_many_are_right_and_how_sure_that_is() -> None:
    card = Scorecard.of([result(str(n), scores={"right": float(n % 2)}) for n in range(8)], {})
    assert markdown_report(card).splitlines()[0] == "**8 questions: 50.0 % [12.5–87.5] right**"


def test_the_headline_says_when_it_is_not_known_of_every_question_what_is_right() -> None:
    card = Scorecard.of([result("a", scores={"right": 1.0}), result("b", scores={"refusal.rate": 1.0})], {})
    first = markdown_report(card).splitlines()[0]
    assert first == "**2 questions: 100.0 % [20.7–100.0] right of the 1 that say what is right**"


SETTINGS = {
    "date": "2026-11-20T10:00:00+00:00",
    "questions": ["tests/eval/questions.jsonl"],
    "questions_total": 15,
    "articles": 14,
    "passages": "searched",
    "embedding_model": "sentence-transformers/all-MiniLM-L6-v2",
    "top_k": 8,
}


def test_the_headlines_say_what_was_measured_on_what() -> None:
    card = Scorecard.of([result(str(n)) for n in range(4)], SETTINGS)
    assert markdown_report(card).split("\n\n")[0].splitlines() == [
        "**4 of the 15 questions: 100.0 % [51.0–100.0] right**  ",
        "Measured on 14 articles, all-MiniLM-L6-v2, 8 passages, 2026-11-20, `tests/eval/questions.jsonl`",
    ]
    page = html_report(card)
    assert "<h1>100.0 % of 4 questions right</h1>" in page
    assert "Asked: 4 of the 15 questions." in page


def test_what_was_answered_from_given_passages_says_so() -> None:
    card = Scorecard.of([result()], {**SETTINGS, "passages": "given", "questions_total": 1, "unsourced": 3})
    lines = markdown_report(card).split("\n\n")[0].splitlines()
    assert lines[0].startswith("**1 question, from given passages: 100.0 %")
    assert lines[1] == "**3 questions were left out:** they name no sources to answer from.  "
    assert "passages" not in lines[2]  # not 8: all of the sources were read
    page = html_report(card)
    assert "<h1>100.0 % of 1 question right, from given passages</h1>" in page
    assert "<strong>3 questions were left out:</strong> they name no sources to answer from." in page


def test_files_that_could_not_be_read_are_named_at_the_top() -> None:
    card = Scorecard.of([result()], {"left_out": [f"{n}|.pdf: no text" for n in range(12)]})
    line = markdown_report(card).splitlines()[1]
    assert line.startswith(r"**12 article files could not be read:** 0\|.pdf: no text, ")
    assert line.endswith(" and 2 more")
    top = html_report(card).partition("</header>")[0]
    assert "12 article files could not be read." in top
    assert "11|.pdf: no text" in top


@pytest.mark.parametrize("settings", [{}, {"left_out": [], "unsourced": 0, "questions_total": 1}])
def test_where_nothing_was_left_out_nothing_is_said_of_it(settings: dict[str, Any]) -> None:
    card = Scorecard.of([result(scores={})], settings)
    assert markdown_report(card).startswith("**1 question**\n\n|")
    assert not re.search("were left out|could not be read|Asked:", html_report(card))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"top_k": 8}, "The assistant reads 8 passages: what comes later is not found, at 10 as at 8."),
        ({}, "The assistant reads 1 passage: what comes later is not found, at 10 as at 1."),
        ({"top_k": 10}, None),
        ({"top_k": 8, "passages": "given"}, None),
    ],
)
def test_fewer_passages_than_are_scored_are_said_to_be_fewer(
    settings: dict[str, Any], said: str | None
) -> None:
    scores = {"article.mrr@10": 1.0, "article.map": 1.0, **recalls("article")}
    card = Scorecard.of([result(scores=scores)], settings)
    for text in (markdown_report(card), html_report(card)):
        assert (said in text) if said else ("The assistant reads" not in text)


def test_the_interval_of_refusals_is_one_of_a_share() -> None:
    card = Scorecard.of([result(str(n), scores={"refusal.rate": 0.0}) for n in range(2)], {})
    assert "| Refused | 0.0 % | 0.0–65.8 | 2 |" in re.sub(" +", " ", markdown_report(card))


def test_tags_have_times_of_their_own() -> None:
    asked = [
        result("slow", answer(seconds={"answering": 2.0}), tags=("a",)),
        result("quick", answer(seconds={"answering": 0.5}), tags=("b",)),
    ]
    text = re.sub(" +", " ", markdown_report(Scorecard.of(asked, {})))
    assert "| Tag | n | right | refused | time, median |" in text
    assert "| a | 1 | 100.0 % [20.7–100.0] | | 2.000 s |" in text
    assert ">0.500 s</td>" in page_of(*asked)


def test_of_many_questions_the_page_shows_a_thousand_the_worst_first() -> None:
    rights = [result(f"right{n}") for n in range(1_200)]
    wrongs = [result(f"wrong{n}", scores={"right": 0.0}) for n in range(300)]
    page = page_of(*rights, *wrongs)
    shown = [a["data-verdict"] for _, a in Tags(page).found if "data-verdict" in a]
    assert (len(shown), shown.count("wrong")) == (1_000, 300)
    assert "1,000 of 1,500 questions, the worst first; 500 are left out. The file of --json has them" in page
    assert "<b>1,200</b>" in page
    assert "left out" not in page_of(*rights[:1_000])


def test_junit_tells_what_was_missed_where_nothing_is_judged() -> None:
    open_one = Result(EvalQuestion(id="open", question="Who?"), answer(), {}, ("The hedge is lost: may",))
    suite = ElementTree.fromstring(junit_report(Scorecard.of([open_one], {})))
    assert [one.text for one in suite.iter("skipped")] == ["The hedge is lost: may"]


@pytest.mark.parametrize(
    "of_citation", [{"article_id": "b"}, {"start": 126, "end": 139, "quote": "ridge was clo"}]
)
def test_a_quote_of_another_article_or_from_within_words_is_misplaced(of_citation: dict[str, Any]) -> None:
    page = page_of(result(said=answer(citations=[citation(**of_citation)])))
    assert "This quote does not stand where its citation says." in page


def recalls(kind: str) -> dict[str, float]:
    return {f"{kind}.{name}@{k}": 1.0 for name in ("hits", "recall") for k in (1, 3, 5, 10)}


def test_there_is_no_plot_where_there_is_nothing_to_draw() -> None:
    assert [draw(Scorecard.of([failed()], {})) for draw in PLOTS] == [None] * 4


def test_the_risk_is_drawn_of_a_scorecard_that_has_no_aurc_of_its_own() -> None:
    """As one of an earlier version may, which was stricter with it."""
    drawn = risk_plot(Scorecard({}, [result()], {}, {}, {})) or ""
    assert "Risk and coverage of 1 answer. AURC 0.000." in drawn


def test_plots_are_the_same_every_time_and_take_their_colours_from_the_page() -> None:
    scores = {"right": 1.0, "answer.f1": 0.5, "article.mrr@10": 0.5, **recalls("article")}
    card = Scorecard.of([result(scores=scores), result("two", scores={**scores, "right": 0.0})], {})
    drawn = [draw(card) or "" for draw in PLOTS]
    assert drawn == [draw(card) for draw in PLOTS]
    for svg in drawn:
        root = ElementTree.fromstring(svg)
        assert root.get("role") == "img"
        assert root[0].tag == "title"
        assert not re.search(r"#[0-9a-f]{6}\b", svg)
        assert "<style" not in svg
    ids = [name for svg in drawn for name in re.findall(r'\bid="([^"]*)"', svg)]
    assert len(ids) == len(set(ids))


def test_hits_at_each_k_come_from_the_rank_of_the_first_find() -> None:
    ranks = [1.0, 0.25, 0.0, 0.333333]
    asked = [
        result(str(n), scores={"article.mrr@10": rank, **recalls("article")}) for n, rank in enumerate(ranks)
    ]
    svg = retrieval_plot(Scorecard.of(asked, {})) or ""
    line = next(
        d for d in re.findall(r'<path d="([^"]*)"[^>]*stroke: var\(--accent\); stroke-width: 1.6', svg)
    )
    heights = [float(y) for _, y in re.findall(r"[ML] ([\d.]+) ([\d.]+)", line)]
    step = heights[0] - heights[2]
    assert [round((heights[0] - y) / step, 3) for y in heights] == [0, 0, 1, 2, 2, 2, 2, 2, 2, 2]
    assert "Hits@1: article 25.0 %" in svg
