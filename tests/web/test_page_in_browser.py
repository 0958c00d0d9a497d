"""The chat page in a real browser, with an assistant that tells prepared Answers."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from index.article import Article
from rag.answer import Answer, Turn

pytestmark = pytest.mark.browser

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
FIRST_QUOTE = "Engineers found a crack of 40 centimetres in the eastern pier"
PWN = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>${window.pwned=1}{{pwned}}"


@dataclass
class Site:
    """A running server: where it is, and the assistant behind it."""

    url: str
    assistant: Any


@pytest.fixture(scope="module")
def site(newsroom: Any, build_app: Any) -> Iterator[Site]:
    hostile = Article(
        id="hostile", text=f"It said: {PWN} and no more.", headline=PWN, outlet=PWN, url="javascript:1"
    )

    def plan(question: str, history: list[Turn]) -> Answer:
        if "explode" in question and len(assistant.asked) == 1:
            raise RuntimeError("the assistant broke, as this test wants")
        if "Atlantis" in question:
            return newsroom.refusal_of(question)  # type: ignore[no-any-return]
        if "hostile" in question:
            return newsroom.answer_from(question, [(hostile, PWN)])  # type: ignore[no-any-return]
        understood = "How long will the repair of the harbour bridge take?" if history else None
        return newsroom.bridge_answer(question, understood)  # type: ignore[no-any-return]

    assistant = newsroom.assistant(plan)
    with serving(build_app(assistant, newsroom.facts)) as url:
        yield Site(url, assistant)
        assistant.go_on.set()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium: set CHROMIUM, or put chromium or google-chrome on the PATH")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(site: Site, browser: Browser) -> Iterator[Any]:
    """Opens the page. Afterwards: nothing was asked of any other server, and no script failed."""
    pages: list[Page] = []
    wrong: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on("console", lambda m: wrong.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("request", lambda r: None if r.url.startswith((site.url, "data:")) else wrong.append(r.url))

    def open_page(viewport: Any = WIDE, path: str = "", **options: Any) -> Page:
        page = browser.new_page(viewport=viewport, reduced_motion="reduce", **options)
        page.set_default_timeout(8_000)
        pages.append(page)
        listen(page)
        page.goto(site.url + path)
        expect(page.locator("#dl-starter-0")).to_be_visible()
        return page

    site.assistant.asked.clear()
    site.assistant.go_on.clear()
    yield open_page
    site.assistant.go_on.set()
    for page in pages:
        page.close()
    assert wrong == []


def box(page: Page) -> Locator:
    return page.get_by_label("Your question")


def ask(page: Page, question: str) -> Locator:
    """Asks by keyboard, and waits until the page is ready for the next question."""
    box(page).fill(question)
    box(page).press("Enter")
    turn = page.get_by_role("log").locator(".dl-turn")
    expect(turn.locator("h2")).to_have_text(question)
    expect(turn).to_have_attribute("data-stage", re.compile("ended|failed"))
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    return turn


def test_a_starter_question_is_answered_with_citations_that_open_the_quoted_words(open_page: Any) -> None:
    page = open_page()
    assert page.title() == "Dateline"
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator(".dl-library")).to_contain_text("1,204 articles · 3 outlets")
    page.get_by_role("button", name="Why was the harbour bridge closed?").click()
    expect(page.locator(".dl-provenance")).to_contain_text("2 articles · 2 outlets")
    expect(page.locator("#dl-first")).to_be_hidden()

    page.get_by_role("button", name="Source 1: The Harbour Post, 15 November 2023").click()
    panel = page.get_by_role("complementary", name="Sources")
    mark = panel.locator("mark[aria-current]")
    expect(mark).to_contain_text(FIRST_QUOTE)
    expect(mark).to_be_in_viewport()
    expect(panel).to_contain_text("Word for word from the article")
    expect(panel.locator("details[open] a")).to_have_attribute(
        "href", "https://harbourpost.example/bridge-closes?from=a&to=b"
    )
    page.get_by_role("button", name="Source 3: Metro Ledger, 17 November 2023").click()
    expect(panel.locator("details[open]")).to_have_count(1)
    expect(mark).to_contain_text("denied a report")


def test_what_is_typed_while_an_answer_arrives_stays(open_page: Any, site: Site) -> None:
    page = open_page()
    site.assistant.pause_seconds = 0.3
    try:
        box(page).fill("Why?")
        box(page).press("Enter")
        expect(box(page)).to_have_value("")
        box(page).press_sequentially("And when will it open again, as far as is known?", delay=30)
        expect(page.locator(".dl-provenance")).to_be_visible()
        expect(box(page)).to_have_value("And when will it open again, as far as is known?")
    finally:
        site.assistant.pause_seconds = 0.02


def test_the_search_the_passages_and_each_statement_are_shown_as_they_come(
    open_page: Any, site: Site
) -> None:
    page = open_page()
    page.evaluate(
        """() => {
          window.seen = [];
          const look = () => {
            const words = document.querySelector(".dl-progress")?.innerText ?? "ended";
            const state = `${document.querySelectorAll(".dl-statement").length}: ${words}`;
            if (window.seen.at(-1) !== state) window.seen.push(state);
          };
          new MutationObserver(look).observe(document.querySelector("[role=log]"), {
            childList: true, subtree: true, characterData: true
          });
        }"""
    )
    site.assistant.pause_seconds = 0.15  # Gradio sends the newest of several updates within 50 ms
    try:
        ask(page, "Why?")
    finally:
        site.assistant.pause_seconds = 0.02
    assert page.evaluate("window.seen") == [
        "0: Searching 1,204 articles…",
        "0: Found 3 passages in 3 articles. Reading…",
        "1: Reading on…",
        "2: Reading on…",
        "3: ended",
    ]


def test_a_follow_up_is_asked_with_the_history_and_earlier_sources_stay_in_reach(
    open_page: Any, site: Site
) -> None:
    page = open_page()
    ask(page, "Why was the bridge closed?")
    turn = ask(page, "How long will it take?")
    expect(turn).to_contain_text("Understood as: How long will the repair of the harbour bridge take?")
    assert [t.question for t in site.assistant.asked[1]["history"]] == ["Why was the bridge closed?"]
    assert site.assistant.asked[1]["history"][0].answer.complete
    page.locator('.dl-turn[data-turn="1"] .dl-marker').first.click()
    expect(page.locator("#source-1-1 mark[aria-current]")).to_be_in_viewport()
    expect(page.locator("#source-2-1")).not_to_have_attribute("open", "")


def test_a_refusal_says_what_was_searched_and_what_came_nearest(open_page: Any) -> None:
    turn = ask(open_page(), "What will happen in Atlantis?")
    expect(turn).to_contain_text(
        "Nothing in 1,204 articles answers this. Searched for: What will happen in Atlantis?"
    )
    expect(turn).to_contain_text("Harbour bridge closes for repairs after crack is found")


def test_stop_works_while_the_assistant_is_busy_and_keeps_what_is_there(open_page: Any, site: Site) -> None:
    page = open_page()
    box(page).fill("Tell me slowly")
    box(page).press("Enter")
    expect(page.locator(".dl-statement")).to_have_count(1)
    box(page).fill("typed while waiting")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".dl-progress")).to_have_text("Stopped. There may be more to this answer.")
    expect(page.locator(".dl-statement")).to_have_count(1)
    expect(box(page)).to_have_value("typed while waiting")
    site.assistant.go_on.set()
    page.wait_for_timeout(500)  # Gradio takes no question until the old one is wound up
    ask(page, "And then?")
    expect(page.locator('.dl-turn[data-turn="1"] .dl-statement')).to_have_count(1)
    history = site.assistant.asked[1]["history"]
    assert [(t.question, len(t.answer.statements)) for t in history] == [("Tell me slowly", 1)]


def test_a_question_entered_while_another_is_answered_stays_in_the_box(open_page: Any, site: Site) -> None:
    page = open_page()
    box(page).fill("Tell me slowly")
    box(page).press("Enter")
    expect(page.locator(".dl-statement")).to_have_count(1)
    box(page).fill("And then?")
    box(page).press("Enter")
    page.wait_for_timeout(400)
    site.assistant.go_on.set()
    expect(page.locator(".dl-provenance")).to_be_visible()
    expect(box(page)).to_have_value("And then?")
    assert [asked["question"] for asked in site.assistant.asked] == ["Tell me slowly"]


def test_a_question_that_fails_is_kept_logged_and_can_be_asked_again(
    open_page: Any, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    page = open_page()
    turn = ask(page, "Please explode")
    expect(turn).to_contain_text("Something went wrong here")
    expect(page.locator("body")).not_to_contain_text("RuntimeError")
    assert "the assistant broke, as this test wants" in caplog.text
    page.get_by_role("button", name="Ask again").click()
    expect(turn.locator(".dl-statement")).to_have_count(3)
    expect(turn.locator("h2")).to_have_text("Please explode")
    expect(page.get_by_role("button", name="Ask again")).to_be_hidden()
    assert site.assistant.asked == [{"question": "Please explode", "history": []}] * 2


def test_a_question_that_is_too_long_stays_whole_in_the_box(open_page: Any, site: Site) -> None:
    page = open_page()
    box(page).fill("x" * 2_001)
    box(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("2,000 characters; this one has 2,001")
    page.wait_for_timeout(300)
    expect(box(page)).to_have_value("x" * 2_001)
    assert site.assistant.asked == []
    ask(page, "y" * 2_000)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_shift_enter_begins_a_new_line_and_an_empty_question_asks_nothing(open_page: Any, site: Site) -> None:
    page = open_page()
    box(page).press("Enter")
    page.wait_for_timeout(300)  # Gradio reads the box some milliseconds after the key
    box(page).press_sequentially("first line")
    expect(page.locator(".dl-library")).to_be_visible()
    box(page).press("Shift+Enter")
    box(page).press_sequentially("second line")
    expect(box(page)).to_have_value("first line\nsecond line")
    box(page).press("Enter")
    expect(page.locator(".dl-provenance")).to_be_visible()
    assert [asked["question"] for asked in site.assistant.asked] == ["first line\nsecond line"]


def test_article_text_and_questions_never_run(open_page: Any) -> None:
    page = open_page()
    turn = ask(page, f"hostile {PWN}")
    expect(turn.locator(".dl-statement")).to_contain_text(PWN)
    turn.locator(".dl-marker").click()
    expect(page.locator("details[open] mark")).to_have_text(PWN)
    expect(page.locator("details[open] a")).to_have_count(0)
    expect(page.locator(".dl-turn img, .dl-notes img, .dl-turn script")).to_have_count(0)
    ask(page, "And what else?")  # the turn moves among the earlier ones
    assert page.evaluate("window.pwned") is None


def test_the_policy_stops_a_handler_even_if_markup_slipped_through(
    open_page: Any, site: Site, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(site.url)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.pwned=1\">')")
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    page.close()


def test_the_keyboard_alone_is_enough(open_page: Any) -> None:
    page = open_page()
    expect(box(page)).to_be_focused()
    page.keyboard.type("Why was the bridge closed?")
    page.keyboard.press("Enter")
    expect(page.locator(".dl-provenance")).to_be_visible()
    marker = page.locator(".dl-marker").nth(1)
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if marker.evaluate("each => each === document.activeElement"):
            break
    expect(marker).to_be_focused()
    assert marker.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#source-1-1 summary")).to_be_focused()
    expect(page.locator("mark[aria-current]")).to_have_text(
        "The city said the repair would take at least six weeks."
    )
    page.keyboard.press("Escape")
    expect(marker).to_be_focused()


def test_on_a_phone_the_sources_are_a_sheet_and_nothing_scrolls_sideways(open_page: Any) -> None:
    page = open_page(PHONE)
    ask(page, "Why was the bridge closed?")
    panel = page.locator("#dl-sources")
    expect(panel).to_be_hidden()
    marker = page.locator(".dl-marker").first
    for close in ("key", "button", "outside"):
        marker.click()
        expect(page.get_by_role("dialog", name="Sources")).to_be_visible()
        expect(page.locator("mark[aria-current]")).to_be_in_viewport()
        if close == "key":
            page.keyboard.press("Escape")
        elif close == "button":
            page.get_by_role("button", name="Close").click()
        else:
            page.mouse.click(195, 20)
        expect(panel).to_be_hidden()
        expect(marker).to_be_focused()
    page.get_by_role("button", name="Show sources").click()
    expect(panel).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize(
    ("path", "scheme", "paper"),
    [
        ("", "light", "rgb(251, 250, 247)"),
        ("", "dark", "rgb(23, 22, 20)"),
        ("?__theme=dark", "light", "rgb(23, 22, 20)"),
        ("?__theme=light", "dark", "rgb(251, 250, 247)"),
    ],
)
def test_the_page_follows_the_theme_of_the_system_or_of_the_link(
    open_page: Any, path: str, scheme: str, paper: str
) -> None:
    page = open_page(path=path, color_scheme=scheme)
    for place in ("body", ".gradio-container"):
        expect(page.locator(place).first).to_have_css("background-color", paper)


def test_a_new_conversation_begins_at_the_first_screen(open_page: Any, site: Site) -> None:
    page = open_page()
    ask(page, "Why was the bridge closed?")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#dl-starter-0")).to_be_visible()
    expect(page.locator(".dl-turn, .dl-notes")).to_have_count(0)
    ask(page, "Why was the bridge closed?")
    assert site.assistant.asked[1]["history"] == []


def test_two_people_have_two_conversations_and_are_answered_at_the_same_time(
    open_page: Any, site: Site
) -> None:
    one, other = open_page(), open_page()
    box(one).fill("Tell me slowly")
    box(one).press("Enter")
    expect(one.locator(".dl-statement")).to_have_count(1)
    ask(other, "Why was the bridge closed?")
    assert site.assistant.asked[1]["history"] == []
    expect(one.locator(".dl-statement")).to_have_count(1)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of a server that runs `app` inside a `with` statement."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join(timeout=10)


def test_an_empty_library_says_how_to_fill_it(newsroom: Any, build_app: Any, browser: Browser) -> None:
    app = build_app(newsroom.assistant(lambda q, h: newsroom.refusal_of(q)), newsroom.empty)
    with serving(app) as url:
        page = browser.new_page()
        page.goto(url)
        expect(page.locator(".dl-library")).to_contain_text("python -m index add FOLDER")
        expect(page.locator("#dl-starters")).to_be_hidden()
        page.close()


def test_starter_questions_that_are_still_being_found_appear_by_themselves(
    newsroom: Any, build_app: Any, browser: Browser
) -> None:
    found: list[list[str] | None] = [None]
    app = build_app(newsroom.assistant(lambda q, h: newsroom.refusal_of(q)), newsroom.facts, lambda: found[0])
    with serving(app) as url:
        page = browser.new_page()
        page.goto(url)
        expect(page.locator(".dl-library")).to_be_visible()
        expect(page.locator("#dl-starters")).to_be_hidden()
        found[0] = ["Why was the harbour bridge closed?"]
        expect(page.get_by_role("button", name="Why was the harbour bridge closed?")).to_be_visible()
        expect(page.locator("#dl-starters button")).to_have_count(1)
        page.close()


CONTRAST = """(selectors) => {
  const light = (rgb) => rgb.map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c.slice(0, 3);
    }
  };
  return selectors.map((selector) => {
    const e = document.querySelector(selector);
    const [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(ground(e))];
    return [selector, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_page: Any, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    ask(page, "Why was the bridge closed?")
    page.locator(".dl-marker").first.click()
    places = [
        *(".dl-answer", ".dl-question", ".dl-marker[aria-current]", ".dl-marker:not([aria-current])"),
        *(".dl-provenance", ".dl-meta", ".dl-link a", "mark[aria-current]", "#dl-ask", "#dl-new"),
        *(".dl-verdict", ".dl-also summary", ".dl-number:not([aria-current])", "#dl-box textarea"),
    ]
    assert {place: ratio for place, ratio in page.evaluate(CONTRAST, places) if ratio < 4.5} == {}
