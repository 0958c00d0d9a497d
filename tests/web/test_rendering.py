from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from index.article import Article
from rag.answer import Answer, Refusal, Statement, Turn, Verdict
from rag.words import day_words, web_host
from web.rendering import Stage, render_notice, render_past, render_turn, render_welcome
from web.source_notes import render_past_sources, render_sources
from web.words import VERDICT_WORDS, outlet_words, provenance_words

HOSTILE = [
    "<script>window.pwned = 1</script>",
    '<img src=x onerror="window.pwned = 1">',
    "\"><svg onload='window.pwned = 1'>",
    "' onmouseover='window.pwned = 1",
    "[click](javascript:alert(1)) **bold** # head",
    "$$\\frac{1}{2}$$ and ${window.pwned = 1} and {{constructor}} and `tick`",
    "&lt;b&gt; is not <b>",
]


class Page(HTMLParser):
    """What a browser would make of the HTML: its text, its tags, and every attribute."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"<{tag}> has an attribute twice"
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def every(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [found for name, found in self.tags if name == tag and wanted.items() <= found.items()]


def hostile_turn(text: str, newsroom: Any) -> Turn:
    article = Article(
        id="hostile",
        text=f"Before. {text} After.",
        headline=text,
        outlet=text,
        byline=text,
        credit=text + " wire",
        url=text,
        published=date(2024, 1, 2),
    )
    answer = newsroom.answer_from(text, [(article, text)], understood=text + " (understood)")
    return Turn(text, answer)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_never_becomes_markup(text: str, newsroom: Any) -> None:
    harmless, hostile = hostile_turn("harmless", newsroom), hostile_turn(text, newsroom)
    for seen, expected in (
        (render_turn(hostile, 1, Stage.ENDED), render_turn(harmless, 1, Stage.ENDED)),
        (render_sources(hostile, 1), render_sources(harmless, 1)),
    ):
        page = Page(seen)
        assert text in page.text
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in Page(expected).tags]
        assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_refusal_or_on_the_first_screen_is_shown_as_it_is(text: str, newsroom: Any) -> None:
    nearest = Article(id="n", text=text, headline=text, outlet=text)
    answer = Answer(text, text, refusal=Refusal(text, 7, nearest, text), complete=True)
    refusal = Page(render_turn(Turn(text, answer), 1, Stage.ENDED))
    assert refusal.text.count(text) == 4  # the question, why, headline, outlet
    assert {tag for tag, _ in refusal.tags} == {"article", "h2", "div", "p", "dl", "dt", "dd", "cite", "br"}

    welcome = Page(render_welcome(replace(newsroom.facts, outlets=(text,))))
    assert text in welcome.text
    assert {tag for tag, _ in welcome.tags} == {"section", "p", "div", "h2"}
    assert Page(render_notice(text)).text == text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/x",
        "https://[",
        "",
    ],
)
def test_only_http_and_https_become_links(url: str, newsroom: Any) -> None:
    article = replace(newsroom.harbour, url=url)
    turn = Turn("q", newsroom.answer_from("q", [(article, "opened in 1968")]))
    assert Page(render_sources(turn, 1)).every("a") == []


def test_a_link_opens_elsewhere_and_tells_nobody_where_from(newsroom: Any) -> None:
    page = Page(render_sources(Turn("q", newsroom.bridge_answer("q")), 1))
    assert page.every("a")[0] == {
        "href": "https://harbourpost.example/bridge-closes?from=a&to=b",
        "target": "_blank",
        "rel": "noopener noreferrer",
    }
    assert web_host("HTTPS://News.example/x") == "news.example"


def test_a_marker_names_its_source_and_points_at_the_passage_of_its_turn(newsroom: Any) -> None:
    page = Page(render_turn(Turn("q", newsroom.bridge_answer("q")), 4, Stage.ENDED))
    assert page.every("button", class_="dl-marker") == [
        {
            "type": "button",
            "class": "dl-marker",
            "data-source": f"source-4-{passage}",
            "data-quote": str(number),
            "aria-label": f"Source {number}: {name}",
        }
        for number, passage, name in [
            (1, 1, "The Harbour Post, 15 November 2023"),
            (2, 1, "The Harbour Post, 15 November 2023"),
            (3, 2, "Metro Ledger, 17 November 2023"),
        ]
    ]
    notes = Page(render_sources(Turn("q", newsroom.bridge_answer("q")), 4))
    assert [d["id"] for d in notes.every("details") if "id" in d] == ["source-4-1", "source-4-2"]


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        ((0, 5), '<b class="dl-span">&lt;Tom&gt;</b> &amp; Ann <span class="dl-tail">left.'),
        (
            (8, 17),
            '&lt;Tom&gt; &amp; <b class="dl-span">Ann </b><span class="dl-tail"><b class="dl-span">left.</b>',
        ),
        (None, '&lt;Tom&gt; &amp; Ann <span class="dl-tail">left.'),
    ],
)
def test_the_words_that_answer_are_bold_and_still_escaped(
    span: tuple[int, int] | None, shown: str, newsroom: Any
) -> None:
    statement = Statement("<Tom> & Ann left.", (), Verdict.VERBATIM, span)
    html = render_turn(
        Turn("Who left?", Answer("Who left?", "Who left?", statements=(statement,))), 1, Stage.ENDED
    )
    assert shown in html


def test_the_mark_holds_exactly_the_quoted_words(newsroom: Any) -> None:
    quote = "“We would rather be late than sorry,” said the city engineer"
    answer = newsroom.answer_from("q", [(newsroom.harbour, quote)])
    html = render_sources(Turn("q", answer), 1)
    assert f'<mark data-quotes="1">{quote}</mark>' in html
    assert newsroom.harbour.text in Page(html).text


def test_quotes_that_overlap_are_cut_into_pieces_that_name_both(newsroom: Any) -> None:
    quotes = [(newsroom.harbour, "closed to all traffic"), (newsroom.harbour, "all traffic on Wednesday")]
    html = render_sources(Turn("q", newsroom.answer_from("q", quotes)), 1)
    assert (
        '<mark data-quotes="1">closed to </mark><mark data-quotes="1 2">all traffic</mark>'
        '<mark data-quotes="2"> on Wednesday</mark>'
    ) in html


def test_a_passage_from_the_middle_shows_that_the_article_goes_on(newsroom: Any) -> None:
    answer = newsroom.answer_from("q", [(newsroom.harbour, "opened in 1968")])
    passage = answer.passages[0]
    start = newsroom.harbour.text.index("The bridge, opened")
    end = start + len("The bridge, opened in 1968")
    chunk = replace(passage.chunk, start=start, end=end, text=newsroom.harbour.text[start:end])
    answer = replace(answer, passages=(replace(passage, chunk=chunk),))
    page = Page(render_sources(Turn("q", answer), 1))
    assert "… The bridge, opened in 1968 …" in page.text


def test_a_source_states_byline_update_agency_and_verdict(newsroom: Any) -> None:
    page = Page(render_sources(Turn("q", newsroom.bridge_answer("q")), 1))
    assert "By Ada Lindqvist and Tom Reyes · Updated 16 November 2023" in page.text
    assert "By Jonas Falk · Copy from Reuters" in page.text  # a byline that says By says it once
    assert page.text.count("Word for word from the article") == 2
    assert {t["datetime"] for t in page.every("time")} == {"2023-11-15", "2023-11-16", "2023-11-17"}


def test_what_an_article_does_not_state_is_said_to_be_not_stated(newsroom: Any) -> None:
    assert outlet_words(newsroom.wire) == "Reuters"
    assert outlet_words(Article(text="x")) == "outlet not stated"
    assert day_words(None) == "date not stated"
    answer = newsroom.answer_from("q", [(Article(id="bare", text="It rained."), "It rained.")])
    text = Page(render_sources(Turn("q", answer), 1)).text
    assert "Untitled article" in text
    assert "outlet not stated · date not stated" in text


def test_a_moment_is_shown_as_the_day_that_the_article_states() -> None:
    assert day_words(datetime(2023, 11, 5, 23, 30, tzinfo=UTC)) == "5 November 2023"


def test_provenance_counts_each_article_and_outlet_once(newsroom: Any) -> None:
    assert provenance_words([newsroom.harbour, newsroom.harbour, newsroom.metro]) == "2 articles · 2 outlets"
    assert provenance_words([newsroom.wire]) == "1 article · outlet not stated"
    assert provenance_words([newsroom.harbour, newsroom.wire]) == "2 articles · 1 outlet, 1 not stated"


def test_every_verdict_has_words() -> None:
    assert set(VERDICT_WORDS) == set(Verdict)


def test_the_question_as_understood_is_shown_only_when_it_differs(newsroom: Any) -> None:
    same = render_turn(Turn("How long?", newsroom.bridge_answer("How long?")), 1, Stage.ENDED)
    other = render_turn(
        Turn("How long?", newsroom.bridge_answer("How long?", "How long, bridge?")), 1, Stage.ENDED
    )
    assert "Understood as" not in same
    assert "Understood as: How long, bridge?" in Page(other).text


def test_while_working_the_page_says_what_is_known_so_far(newsroom: Any) -> None:
    def progress(answer: Answer | None, stage: Stage = Stage.WORKING) -> str:
        return Page(render_turn(Turn("", answer), 1, stage, articles=1_204)).text

    found, first, *_ = newsroom.told(newsroom.bridge_answer(""))
    assert progress(None) == "Searching 1,204 articles…"
    assert progress(found) == "Found 3 passages in 3 articles. Reading…"
    assert progress(first).endswith("Reading on…")
    assert progress(None, Stage.ENDED) == "Stopped before there was an answer."
    assert progress(first, Stage.ENDED).endswith("Stopped. There may be more to this answer.")
    assert "It is not lost" in progress(first, Stage.FAILED)


def test_a_refusal_says_what_was_searched_and_names_the_nearest_article(newsroom: Any) -> None:
    text = Page(render_turn(Turn("Atlantis?", newsroom.refusal_of("Atlantis?")), 1, Stage.ENDED)).text
    assert "Nothing in 1,204 articles answers this. Searched for: Atlantis?" in text
    assert newsroom.harbour.headline in text
    assert "The Harbour Post, 15 November 2023" in text


def test_the_first_screen_says_what_is_in_the_library(newsroom: Any) -> None:
    text = Page(render_welcome(newsroom.facts)).text
    assert "1,204 articles · 3 outlets · 3 January 2023 to 30 June 2024" in text
    assert "The Harbour Post, Metro Ledger, Northern Wire" in text
    many = replace(newsroom.facts, outlets=tuple(f"Outlet {n}" for n in range(20)))
    assert "Outlet 7 and 12 more" in Page(render_welcome(many)).text
    one_day = replace(newsroom.facts, latest=newsroom.facts.earliest)
    assert "3 January 2023 to" not in Page(render_welcome(one_day)).text


def test_an_empty_library_says_how_to_add_articles(newsroom: Any) -> None:
    text = Page(render_welcome(newsroom.empty)).text
    assert "The library is empty" in text
    assert "python -m index add FOLDER" in text


def test_ids_are_unique_over_a_whole_conversation(newsroom: Any) -> None:
    turns = [Turn("a", newsroom.bridge_answer("a")), Turn("b", newsroom.bridge_answer("b"))]
    present = Turn("c", newsroom.bridge_answer("c"))
    page = Page(
        render_past(turns)
        + render_turn(present, 3, Stage.ENDED)
        + render_sources(present, 3)
        + render_past_sources(turns)
    )
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    targets = {button["data-source"] for button in page.every("button")}
    assert len(ids) == len(set(ids))
    assert targets <= set(ids)
