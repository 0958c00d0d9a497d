"""Two runs side by side: the whole text, no more certainty than there is, and hostile text that stays text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest

from rag.evaluation import MEASURES, Comparison, EvalQuestion, Result, Scorecard, compare
from rag.evaluation.comparison_report import html_comparison, markdown_comparison
from tests.evaluation_answers import answer, citation, passage, quoting, refusal, saying, statement

HOSTILE = "<script>alert(1)</script> | [x](javascript:y)\0\u202e\n\n# `{{ 7 * 7 }}`"
HOSTILE_SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt; | [x](javascript:y)[U+0000][U+202E]"
HOSTILE_IN_MARKDOWN = (
    r"\<script\>alert(1)\</script\> \| \[x\](javascript:y)\[U+0000\]\[U+202E\] \# \`\{\{ 7 \* 7 \}\}\`"
)


def result(
    name: str, said: Mapping[str, Any] | None, scores: Mapping[str, float], missed: Sequence[str] = ()
) -> Result:
    asked = EvalQuestion(id=name, question="What happened?", answers=("Ten",))
    return Result(asked, said, scores, missed, None if said else "TimeoutError: too slow")


def run(*rights: float, **scores: Sequence[float]) -> Scorecard:
    """A run whose questions q0, q1, ... are so right, with these further scores."""
    return Scorecard.of(
        [
            result(f"q{n}", saying("Ten."), {"right": right, **{name: of[n] for name, of in scores.items()}})
            for n, right in enumerate(rights)
        ],
        {},
    )


def small() -> Comparison:
    """One question of each kind, and two that did not change."""
    scores = {"right": 1.0, "answer.f1": 0.5}
    before = [
        result("lost", quoting("Ten."), scores),
        result("gained", refusal(), {"right": 0.0, "answer.f1": 0.0}),
        result("reworded", saying("Ten."), scores),
        *(result(f"same{n}", saying("Ten."), scores) for n in range(2)),
    ]
    after = [
        result("lost", None, {"right": 0.0}),
        result("gained", saying("Ten.", "It is | ten."), scores),
        result("reworded", saying("10."), scores),
        *(result(f"same{n}", saying("Ten."), scores) for n in range(2)),
        result("new", saying("Ten."), scores),
    ]
    return compare(Scorecard.of(before, {}), Scorecard.of(after, {}))


class Page(HTMLParser):
    """The start tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.replace(page[page.index("<style>") : page.index("</style>")], ""))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text = f"{self.text} {data}"

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def page_of(found: Comparison) -> Page:
    return Page(html_comparison(found, "a.json", "b.json"))


def test_the_whole_text_of_a_small_comparison() -> None:
    assert (
        markdown_comparison(small(), "a.json", "b.json")
        == r"""
**Right: 80.0 % → 80.0 %**, 0.0 points over 5 questions: only 2 changed, too few to tell from chance.__
A: `a.json` · B: `b.json`

- **Note:** 1 question of the second run has no match in the other: new
- **Note:** 1 question failed in the second run

| Score    |      A |      B |  B − A |   B is | 95 % | changed |                   p |
| -------- | -----: | -----: | -----: | -----: | ---: | ------: | ------------------: |
| Right    | 80.0 % | 80.0 % |    0.0 |      – |      |  2 of 5 | too few changes (2) |
| Token F1 |  0.375 |  0.500 | +0.125 | better |      |  1 of 4 | too few changes (1) |

p: how often a difference at least as large comes about when the two answers of each question are swapped at random; fewer than 6 changes can never make it less than .05. It is not corrected for the 2 scores compared: of 20 that only chance moves, about one falls below .05. Differences of percentages are in points.

### Lost (1)

**lost** What happened?

| A | B |
| --- | --- |
| Ten. \[1\] | Failed: TimeoutError: too slow |

### Gained (1)

**gained** What happened?

| A | B |
| --- | --- |
| The articles do not answer this. | Ten. It is \| ten. |

### Other words (1)

reworded
""".strip().replace("__", "  ")  # the two spaces that break a line
    )


def test_the_page_says_the_same() -> None:
    page = page_of(small())
    for words in (
        "Right: 80.0 % → 80.0 %",
        "0.0 points over 5 questions: only 2 changed, too few to tell from chance.",
        "A a.json B b.json",
        "1 question failed in the second run",
        "Token F1 words shared with the reference 0.375 0.500 +0.125 better – 1 of 4 too few changes (1)",
        "It is not corrected for the 2 scores compared",
        "Lost 1 What happened? lost What was expected It says Ten A Right Ten. [1] [1] Untitled article",
        "B Failed Error TimeoutError: too slow",
        "A Refused though answerable The articles do not answer this. B Right Ten. It is | ten.",
        "Other words 1",
    ):
        assert words in page.words
    assert page.words.count("reworded") == 1


def test_a_difference_of_many_questions_is_called_more_than_chance() -> None:
    better = markdown_comparison(compare(run(*[0.0] * 8, 1.0, 1.0), run(*[1.0] * 10)), "a", "b")
    assert better.startswith("**Right: 20.0 % → 100.0 %**, +80.0 points [50.0, 100.0], p = .008 over 10")
    assert "questions: better by more than chance.  \n" in better
    worse = markdown_comparison(compare(run(*[1.0] * 10), run(*[0.0] * 8, 1.0, 1.0)), "a", "b")
    assert "−80.0 points [−100.0, −50.0], p = .008 over 10 questions: worse by more than chance." in worse


def test_as_many_lost_as_gained_is_no_more_than_chance() -> None:
    found = compare(run(*[0.0, 1.0] * 4), run(*[1.0, 0.0] * 4))
    text = markdown_comparison(found, "a", "b")
    assert "p = 1.00 over 8 questions: no more than chance could do." in text


@pytest.mark.parametrize(("changes", "few"), [(1, True), (5, True), (6, False)])
def test_where_too_few_changed_there_is_no_p_and_no_interval(changes: int, few: bool) -> None:
    found = compare(run(*[0.0] * changes, *[1.0] * 5), run(*[1.0] * (changes + 5)))
    for said in (markdown_comparison(found, "a", "b"), page_of(found).words):
        assert (f"too few changes ({changes})" in said) is few
        assert (f"only {changes} changed, too few to tell from chance" in said) is few
        assert ("points [" not in said) is few
        assert ("p = " not in said) is few


def test_fewer_false_refusals_are_better_and_more_words_are_neither() -> None:
    rights = [1.0] * 8
    scores = {"refusal.false": [1.0] * 8, "answer.words": [10.0] * 8, "answer.f1": [0.5] * 8}
    changed = {"refusal.false": [0.0] * 8, "answer.words": [12.0] * 8, "answer.f1": [0.25] * 8}
    found = compare(run(*rights, **scores), run(*rights, **changed))
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in markdown_comparison(found, "a", "b").splitlines()
        if line.startswith("|")
    ]
    said = {row[0]: (row[3], row[4]) for row in rows}
    assert said["False refusals"] == ("−100.0", "better")
    assert said["Token F1"] == ("−0.250", "worse")
    assert said["Words"] == ("+2.0", "–")
    words = page_of(found).words
    assert "lower is better 100.0 % 0.0 % −100.0 better – 8 of 8 .008" in words
    assert "10.0 12.0 +2.0 – 8 of 8" in words  # all by as much: no interval


def test_nothing_in_common_leaves_only_the_warnings() -> None:
    found = compare(run(1.0), Scorecard.of([result("other", saying("Ten."), {"right": 1.0})], {}))
    assert markdown_comparison(found, "a", "b") == (
        "**Nothing to compare**, as no question has a score in both runs.  \n"
        "A: `a` · B: `b`\n\n"
        "- **Note:** 1 question of the first run has no match in the other: q0\n"
        "- **Note:** 1 question of the second run has no match in the other: other"
    )
    page = page_of(found)
    assert "Nothing to compare As no question has a score in both runs." in page.words
    assert "table" not in {tag for tag, _ in page.tags}


def test_without_a_known_right_the_other_scores_are_compared() -> None:
    one = Scorecard.of([result("a", saying("Ten."), {"answer.f1": 0.5})], {})
    other = Scorecard.of([result("a", saying("Ten."), {"answer.f1": 1.0})], {})
    text = markdown_comparison(compare(one, other), "a", "b")
    assert text.startswith("**Right: not known**, as no question that both runs asked says what is right.")
    assert "| Token F1 |" in text
    assert "Lost" not in text


def test_nothing_changed() -> None:
    found = compare(run(1.0, 0.0), run(1.0, 0.0))
    assert markdown_comparison(found, "a", "b") == (
        "**Right: 50.0 % in both runs**, over 2 questions: none was lost, none gained.  \n"
        "A: `a` · B: `b`\n\n"
        "Unchanged: Right.\n\n"
        "### Lost (0)\n\n"
        "### Gained (0)"
    )
    words = page_of(found).words
    assert "Over 2 questions: none was lost, none gained." in words
    assert "1 score did not change" in words
    assert "Right 50.0 % 2" in words
    assert "p:" not in words and "B − A" not in words


def test_of_many_with_other_words_the_text_names_twenty() -> None:
    one = Scorecard.of([result(f"q{n}", saying("Ten."), {"right": 1.0}) for n in range(23)], {})
    other = Scorecard.of([result(f"q{n}", saying("10."), {"right": 1.0}) for n in range(23)], {})
    found = compare(one, other)
    named = ", ".join(f"q{n}" for n in range(20))
    assert markdown_comparison(found, "a", "b").endswith(f"### Other words (23)\n\n{named} and 3 more")
    assert [f"q{n}" for n in range(23)] == re.findall(r"q\d+", page_of(found).words)


def test_a_long_answer_is_shortened_in_the_text_and_whole_on_the_page() -> None:
    long = "far " * 80 + "away."
    one = Scorecard.of([result("a", saying(long), {"right": 1.0})], {})
    other = Scorecard.of([result("a", saying("Ten."), {"right": 0.0})], {})
    found = compare(one, other)
    assert f"| {'far ' * 50}… | Ten. |" in markdown_comparison(found, "a", "b")
    assert long in page_of(found).words


def test_all_that_changed_by_as_much_have_no_interval_and_yet_a_headline() -> None:
    text = markdown_comparison(compare(run(*[0.0] * 8), run(*[1.0] * 8)), "a", "b")
    assert "+100.0 points, p = .008 over 8 questions: better by more than chance." in text


def test_settings_that_differ_are_named_in_text_and_page() -> None:
    one = Scorecard.of([result("a", saying("Ten."), {"right": 1.0})], {"passages": "searched", "top_k": 8})
    other = Scorecard.of([result("a", saying("Ten."), {"right": 1.0})], {"passages": "given", "top_k": 1})
    found = compare(one, other)
    lines = markdown_comparison(found, "../w/a_b.json", "b").splitlines()
    assert lines[1:3] == [
        "A: `../w/a_b.json` · B: `b`  ",
        "Settings: passages: searched → given; top k: 8 → 1",
    ]
    assert "passages searched → given top k 8 → 1" in page_of(found).words


def test_what_is_missed_otherwise_is_shown_side_by_side() -> None:
    one = Scorecard.of([result("a", saying("Ten, which Iran denied."), {"right": 1.0})], {})
    lost = result("a", saying("Ten."), {"right": 1.0}, ["The denial is omitted: denied"])
    found = compare(one, Scorecard.of([lost], {}))
    assert markdown_comparison(found, "a", "b").endswith(
        "### Other misses (1)\n\n**a** What happened?\n\n"
        "| A | B |\n| --- | --- |\n"
        "| Ten, which Iran denied. | Ten. |\n"
        "| Missed: nothing | Missed: The denial is omitted: denied |"
    )
    page = page_of(found)
    assert "Other misses 1 What happened? a" in page.words
    assert "B Right Ten. What was missed The denial is omitted: denied" in page.words
    assert "Other words" not in page.words
    ids = {attributes.get("id") for _, attributes in page.tags}
    assert {"other-misses", "other-misses-title"} <= ids


def test_of_a_question_that_failed_it_is_not_known_what_is_missed() -> None:
    one = Scorecard.of([result("a", refusal(), {"right": 0.0}, ["It is refused."])], {})
    found = compare(one, Scorecard.of([result("a", None, {"right": 0.0})], {}))
    assert "| Missed: It is refused. | Missed: not known |" in markdown_comparison(found, "a", "b")


def test_of_many_unchanged_scores_twelve_are_named() -> None:
    names = [name for name in MEASURES if name.startswith(("answer.", "citation."))]
    scores = {name: [0.5] for name in names}
    text = markdown_comparison(compare(run(1.0, **scores), run(1.0, **scores)), "a", "b")
    (line,) = [line for line in text.splitlines() if line.startswith("Unchanged: ")]
    assert line.count(", ") == 11
    assert line.endswith(f" and {len(names) + 1 - 12} more.")


def test_the_mean_time_has_a_row() -> None:
    def timed(seconds: float) -> Scorecard:
        said = {**saying("Ten."), "seconds": {"answering": seconds}}
        asked = [result(f"q{n}", said, {"right": 1.0}) for n in range(6)]
        return Scorecard.of(asked, {"articles_sha256": "1"})

    found = compare(timed(0.5), timed(0.25))
    assert "| Total, mean | 0.500 s | 0.250 s | −0.250 | better |" in markdown_comparison(found, "a", "b")
    assert "Total, mean seconds for an answer; lower is better 0.500 s 0.250 s −0.250 better" in (
        page_of(found).words
    )


def hostile() -> Comparison:
    """A comparison that says HOSTILE wherever it has text of others."""
    found = passage(HOSTILE)
    cited = citation(HOSTILE, found, headline=HOSTILE, outlet=HOSTILE, published=HOSTILE, url=HOSTILE)
    said = answer([statement(HOSTILE, 1)], [cited], [found])
    lists: dict[str, Any] = dict.fromkeys(
        ("answers", "history", "references", "sources", "evidence", "tags"), (HOSTILE,)
    )
    asked = EvalQuestion.model_construct(id=HOSTILE, question=HOSTILE, **lists)
    other = EvalQuestion.model_construct(id=f"2{HOSTILE}", question="Why?")
    before = [Result(asked, said, {"right": 1.0}), Result(other, said, {"right": 1.0})]
    after = [
        Result(asked, None, {"right": 0.0}, (HOSTILE,), error=HOSTILE),
        Result(other, saying(HOSTILE), {"right": 1.0}),
    ]
    return compare(Scorecard.of(before, {}), Scorecard.of(after, {}))


def test_hostile_text_is_shown_on_the_page_and_never_obeyed() -> None:
    html = html_comparison(hostile(), HOSTILE, HOSTILE)
    page = Page(html)
    assert HOSTILE_SHOWN in html
    assert "7 * 7" in html
    assert not set("\0\u202e") & set(html)
    assert html.count("<mark>") == html.count("</mark>") == 1
    assert "script" not in {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert [a["href"] for _, a in page.tags if "href" in a and not (a["href"] or "").startswith("#")] == []


def test_hostile_text_cannot_leave_its_cell_in_markdown() -> None:
    text = markdown_comparison(hostile(), HOSTILE, HOSTILE)
    code = "``<script>alert(1)</script> | [x](javascript:y)[U+0000][U+202E] # `{{ 7 * 7 }}` ``"
    assert f"A: {code} · B: {code}".replace("``<", "`` <") in text
    assert f"**{HOSTILE_IN_MARKDOWN}** {HOSTILE_IN_MARKDOWN}" in text
    assert rf"| {HOSTILE_IN_MARKDOWN} \[1\] | Failed: {HOSTILE_IN_MARKDOWN} |" in text
    assert text.endswith(f"2{HOSTILE_IN_MARKDOWN}")
    assert not set("\0\u202e") & set(text)


def test_the_policy_lets_no_script_run_and_nothing_be_loaded() -> None:
    html = html_comparison(small(), "a", "b")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    tags = Page(html).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert not re.search(r"url\(|@import", html)


def test_ids_are_unique_and_every_reference_into_the_page_is_met() -> None:
    tags = page_of(small()).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {(a.get("href") or "")[1:] for _, a in tags if (a.get("href") or "").startswith("#")}
    named |= {a["aria-labelledby"] or "" for _, a in tags if "aria-labelledby" in a}
    assert "q-1-A-c-1" in named
    assert named <= set(ids)
