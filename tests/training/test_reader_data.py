"""The examples for training the reader: spans stay true, and nothing goes where it may not."""

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training.reader_data import (
    Asked,
    Example,
    HeldOut,
    Pool,
    Sentence,
    agreed,
    as_keywords,
    cut,
    dateline,
    detokenise,
    find,
    hedged,
    holds,
    in_paragraph,
    main,
    named,
    negatives,
    read_written,
    retrieved,
    stories,
    varied,
    varied_question,
    with_dateline,
)

FERRY = "The ferry to Port Alder sank on Monday after it struck a rock near the old lighthouse."
EXAMPLE = Example("made", "1", "Ferry", "When did the ferry sink?", FERRY, ((32, 38),))


WRITTEN = """# Orr family loses ships
P Captain Orr said on Tuesday that the firm had lost two ships and two crews. The insurer said nothing.
Q how many ships were lost
A had lost [two] ships
A two ships
Q What did the insurer pay?
N

P A second paragraph of Orr.
Q Whose paragraph is it?
A Orr
"""


def sentence(text: str) -> Sentence:
    return Sentence(tuple(text.split()))


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("`` We did n't go , '' she said .", '"We didn\'t go," she said.'),
        ("They paid $ 5 -LRB- or 5 % -RRB- .", "They paid $5 (or 5%)."),
        ("He left the U.S. .", "He left the U.S."),
        ("They won 3 -- 2 -- at 9 : 30 .", "They won 3–2 – at 9:30."),
        ("The owners ' plan , Ann 's ` plan ' .", "The owners' plan, Ann's 'plan'."),
        ("Ann 's ' plan ' failed", "Ann's 'plan' failed"),
        ('A " new " law', 'A "new" law'),
        ("Go home ! ''", 'Go home!"'),
    ],
)
def test_tokens_become_text_as_people_write_it(tokens: str, text: str) -> None:
    assert detokenise(tokens.split())[0] == text


def test_a_lone_hyphen_joins_only_where_the_tokens_are_split_at_hyphens() -> None:
    tokens = "a role - playing game".split()
    assert detokenise(tokens, split_hyphens=True)[0] == "a role-playing game"
    assert detokenise(tokens)[0] == "a role - playing game"


def test_every_token_is_where_its_span_says() -> None:
    tokens = "`` It -LSB- the bill -RSB- wo n't pass , '' Ann 's aide said at 9 : 30 , paying $ 5 .".split()
    text, spans = detokenise(tokens)
    assert [text[start:end] for start, end in spans] == (
        "\" It [ the bill ] wo n't pass , \" Ann 's aide said at 9 : 30 , paying $ 5 .".split()
    )


def part(told: Sentence, first: int, end: int) -> str:
    span = told.span(first, end)
    assert span
    return told.text[slice(*span)]


def test_a_span_leaves_out_the_marks_around_it_and_closes_what_it_opens() -> None:
    told = sentence("He called it `` a mistake '' , paid $ 5 -LRB- then -RRB- and left .")
    assert part(told, 7, 11) == "paid $5"
    assert part(told, 2, 6) == 'it "a mistake"'
    assert part(told, 10, 13) == "5 (then)"
    assert (told.span(6, 7), told.span(13, 14)) == (None, None)


def test_annotators_agree_on_the_run_that_most_chose_and_their_own_are_alternatives() -> None:
    told = sentence("The old town of Calder , Ohio burned .")
    spans = agreed([[3, 4, 6], [4, 6], [1, 2]], told)
    assert [told.text[slice(*span)] for span in spans] == ["Calder, Ohio", "of Calder, Ohio"]
    assert agreed([[0], [2], [4]], told) == ()
    assert agreed([[1, 4], [1, 4], [1]], told) == ()  # two places are not one span


def test_an_answer_is_found_whatever_its_case_and_marks_where_the_question_is_about() -> None:
    text = f"A king rode out. {'They rode on. ' * 20}Far away the King, who had lost a ring, wept."
    long = find(text, "the king who had lost")
    assert long and text[slice(*long)] == "the King, who had lost"
    assert find(text, "King", near="Who lost his ring?") == (text.index("King"), text.index(", who"))
    assert find(text, "kin") is None
    assert find("It cost $1,200.", "1,200") == (8, 14)


def test_a_story_ends_where_no_word_of_its_own_goes_on() -> None:
    sections = ["Grim the troll", "Grim slept", "Snow on hills", "deep Snow"]
    numbers = stories(sections)
    assert [numbers[section] for section in sections] == [0, 0, 1, 1]


ROW = {"wh": "what", "subj": "someone", "obj": "", "obj2": "", "prep": "", "aux": "did", "verb_prefix": ""}
ROW |= {"is_passive": "False", "is_negated": "False", "question": "What did someone sign?"}


def test_a_someone_is_named_or_the_question_left_out() -> None:
    assert named(ROW, {"subject": "Ann Lee"}) == "What did Ann Lee sign?"
    assert named(ROW, {"object": "the Alder Act"}) == ""
    assert named(ROW | {"verb_prefix": "being"}, {"subject": "Ann Lee"}) == ""


def test_a_dateline_moves_the_answers_along() -> None:
    for seed in range(20):
        line = dateline(random.Random(seed))
        moved = with_dateline(EXAMPLE, line)
        assert (moved.context, moved.texts()) == (line + FERRY, ["Monday"])


def test_variation_changes_the_question_and_never_the_answer() -> None:
    changed = [varied(EXAMPLE, seed) for seed in range(300)]
    assert {tuple(example.texts()) for example in changed} == {("Monday",)}
    questions = Counter(example.question for example in changed)
    assert questions["when did the ferry sink?"] > 20
    assert questions["When did the ferry sink"] > 20
    assert questions["When did the ferry sink?"] > 100
    assert varied_question("who won", random.Random(1)) == "who won"


def test_keywords_keep_what_is_asked_for() -> None:
    assert as_keywords("Who did the council of Alder elect?") == "Who council Alder elect"
    assert as_keywords("Who is it?") == "Who is it?"


def test_a_hedge_stands_where_it_can_stand() -> None:
    rng = random.Random(1)
    assert hedged("How many people were injured?", rng) == "How many people were reportedly injured?"
    for _ in range(10):
        question = hedged("When was the bridge opened?", rng)
        assert "according to" in question.lower() and question.endswith("?") and "reportedly" not in question


def paragraphs() -> Pool:
    told = {
        "W:1:0:0": "The council of Calder met on Monday .",
        "W:1:0:1": "Mayor Ruth Venn opened the meeting in the town hall .",
        "W:1:1:0": "Ruth Venn has been mayor since the spring .",
        "W:1:1:1": "The stadium plan was the only business .",
        "W:2:0:0": "A meeting was opened by Ruth Venn in another town hall .",
        "W:2:0:1": "A meeting in a hall was opened by nobody .",
        "W:3:0:0": "The hall burned down .",
        "W:3:0:1": "Mayor Tom Orr opened the market .",
    }
    return Pool({id: sentence(text) for id, text in told.items()})


def test_a_built_paragraph_has_the_answer_or_nothing_of_it() -> None:
    pool = paragraphs()
    asked = Asked("qamr", "1", "W:1:0:1", "Who opened the meeting in the town hall?", ((6, 15),))
    built = [in_paragraph(asked, pool, random.Random(seed)) for seed in range(200)]
    without = [example for example in built if not example.answers]
    assert 40 < len(without) < 95
    assert not any(holds(example.context, ["Ruth Venn"]) for example in without)
    assert all(example.texts() == ["Ruth Venn"] for example in built if example.answers)
    hard = "A meeting in a hall was opened by nobody."
    assert all(hard in example.context for example in without)


def test_a_built_paragraph_keeps_the_order_of_its_article() -> None:
    pool = paragraphs()
    asked = Asked("qamr", "1", "W:1:0:1", "Who opened the meeting in the town hall?", ((6, 15),))
    for seed in range(50):
        context = in_paragraph(asked, pool, random.Random(seed)).context
        own = [pool.sentences[id].text for id in pool.articles["W:1"]]
        places = [context.index(text) for text in own if text in context]
        assert places == sorted(places)


def test_the_wrong_paragraph_is_near_and_does_not_hold_the_answer() -> None:
    def example(id: str, context: str, question: str, *answers: tuple[int, int]) -> Example:
        return Example("squad2_part", id, "Ferry", question, context, answers)

    near = "Nobody knows when the ferry to Alder will sink again."
    examples = [
        EXAMPLE,
        example("2", "On Monday the ferry sank, and the ferry did sink fast.", "How fast?"),
        example("3", near, "Who knows?"),
        example("4", "The weather was fine.", "How was the weather?"),
    ]
    (found,) = negatives(examples, random.Random(1))
    assert (found.context, found.question, found.answers) == (near, EXAMPLE.question, ())


def test_what_shares_eight_words_or_the_question_with_the_held_out_is_dropped(tmp_path: Path) -> None:
    held = {
        "question": "Who rang the bell?",
        "passages": [{"text": "after it struck a ROCK near the old -- mill"}],
    }
    (tmp_path / "set").mkdir()
    (tmp_path / "set/questions.jsonl").write_text(json.dumps(held) + "\n")
    left_out: Counter[tuple[str, str]] = Counter()
    kept = Example("made", "2", "Bells", "When did it ring?", "The bell near the old mill rang.", ())
    same_question = Example("made", "3", "Bells", "who rang the bell", kept.context, ())
    found = HeldOut.of_folder(tmp_path).keep([EXAMPLE, kept, same_question], left_out, "the held-out sets")
    assert found == [kept]
    assert left_out == {
        ("made", "shares text with the held-out sets"): 1,
        ("made", "question of the held-out sets"): 1,
    }


PLACES = "Alder Birch Calder Dunmore Esk Fern Galt Harrow".split()


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sets of the right shapes, with a town for each article."""
    folder = tmp_path / "data"
    squad, qed, tales, selqa, sentences, qamr = [], [], [], [], [], []
    for n, place in enumerate(PLACES):
        first = f"{place} lies in county{n}0 and {place} has a mill{n}1 beside river{n}2."
        second = f"The mill{n}3 of {place} was built by mason{n}4 for duke{n}5."
        questions = [("Which county?", f"county{n}0", first), ("Who built it?", f"mason{n}4", second)]
        squad.append(
            {
                "title": f"{place}_town",
                "paragraphs": [
                    {
                        "context": text,
                        "qas": [
                            {
                                "id": f"{place}{answer}",
                                "question": f"{question[:-1]} in {place}?",
                                "answers": [{"text": answer, "answer_start": text.index(answer)}],
                            }
                        ],
                    }
                    for question, answer, text in questions
                ],
            }
        )
        wall = f"A wall{n}3 round {place} was made by mason{n}4 ."
        start = wall.index("mason")
        answer = {"start": start, "end": start + len(f"mason{n}4")}
        title = {"title_text": f"{place} mill", "example_id": n, "original_nq_answers": [[answer]]}
        qed.append(title | {"question_text": f"who built {place}", "paragraph_text": wall})
        tale = f"Troll{n} of{n} {place} swallowed{n} stone{n}."
        question = {"question": f"What did troll{n} eat?", "answers": [f"Stone{n}!"], "kind": "explicit"}
        tales.append(question | {"context": tale})
        selqa.append(
            {
                "article": f"{place} hall",
                "question": f"who of {place}",
                "candidates": [f"{place} has hall{n}.", f"Lady{n} owns it."],
                "answers": [1],
            }
        )
        told = [f"`` {place} '' has a mayor{n} named Ann{n} .", f"The mayor{n} lives in tower{n} ."]
        sentences += [f"W:wiki:{n}:0:{k}\t{text}" for k, text in enumerate(told)]
        ask = f"W:wiki:{n}:0:0\t1\tw\t0\t1\tWho is named mayor{n} of {place}?"
        qamr += [f"{ask}\t7\tx:7\ty:5 7", f"{ask}\t7\tx:Invalid\ty:7"]
    write(folder / "squad2_part/dev-half.json", json.dumps({"data": squad}))
    write(folder / "policyqa/dev.json", json.dumps({"data": []}))
    write(folder / "qed/qed-dev.jsonlines", "\n".join(map(json.dumps, qed)))
    write(folder / "fairytaleqa/questions.jsonl", "\n".join(map(json.dumps, tales)))
    write(folder / "selqa/selqa-ass-dev.json", json.dumps(selqa))
    write(folder / "selqa/selqa-ass-test.json", "[]")
    write(folder / "qamr/wiki-sentences.tsv", "\n".join(sentences))
    write(folder / "qamr/dev.tsv", "\n".join(qamr))
    write(folder / "qamr/test.tsv", "")
    for n in range(3):
        write(folder / f"written/story-{n}.txt", WRITTEN.replace("Orr", f"Orr{n}"))
    return folder


def run(data: Path, out: Path, *options: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    main([str(data), str(out), "--written", str(data / "written"), *options])
    train, dev = (path.read_text().splitlines() for path in (out, out.with_suffix(".dev.jsonl")))
    return [json.loads(line) for line in train], [json.loads(line) for line in dev]


def test_training_and_development_share_no_article(data: Path, tmp_path: Path) -> None:
    train, dev = run(data, tmp_path / "out.jsonl")
    assert {row["source"] for row in dev} == {"squad2_part", "qed", "fairytaleqa", "qamr", "written"}
    assert {row["source"] for row in train} == {
        "squad2_part",
        "qed",
        "fairytaleqa",
        "selqa",
        "qamr",
        "written",
    }
    assert not {row["article"] for row in train} & {row["article"] for row in dev}


def test_what_is_written_has_its_answers_where_it_says(data: Path, tmp_path: Path) -> None:
    rows = [row for part in run(data, tmp_path / "out.jsonl") for row in part]
    answers: dict[str, set[str]] = {}
    for row in rows:
        answers.setdefault(row["source"], set()).update(
            row["context"][a:b].rstrip("0123456789") for a, b in row["answers"]
        )
    assert answers["squad2_part"] == {"county", "mason"}
    assert (answers["qed"], answers["fairytaleqa"], answers["qamr"]) == ({"mason"}, {"stone"}, {"Ann"})
    assert all(text.startswith("Lady") and text.endswith("owns it.") for text in answers["selqa"])
    assert {row["kind"] for row in rows if row["source"] == "selqa"} == {"sentence"}


def test_the_same_seed_gives_the_same_files(data: Path, tmp_path: Path) -> None:
    first, again, other = (run(data, tmp_path / f"{n}.jsonl", "--seed", seed) for n, seed in enumerate("112"))
    assert first == again != other


def test_the_held_out_never_reaches_either_part(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Alder lies in county00 and Alder has a mill01 beside river02."
    write(tmp_path / "bench/set.jsonl", json.dumps({"context": text}))
    train, dev = run(data, tmp_path / "out.jsonl", "--held-out", str(tmp_path / "bench"))
    assert not [row for row in train + dev if "beside river02" in row["context"]]
    assert "  squad2_part: shares text with the held-out sets" in capsys.readouterr().out


def test_our_own_examples_are_read_with_their_alternatives(tmp_path: Path) -> None:
    (tmp_path / "orr.txt").write_text(WRITTEN)
    lost, paid, whose = read_written(tmp_path)
    assert (lost.texts(), paid.texts(), whose.texts()) == (["two", "two ships"], [], ["Orr"])
    assert lost.context[: lost.answers[0][0]].endswith("had lost ")
    assert {example.article for example in (lost, paid, whose)} == {"Orr family loses ships"}
    assert whose.context == "A second paragraph of Orr."


STORY = """## The Orr ships
# Orr family loses ships
P Captain Orr said on Tuesday that the firm had lost two ships near the port of Alder.
Q Who spoke of the ships?
A Captain Orr
Q What were the ships of the Orr firm worth?
X
# Insurer doubts the loss
P The port of Alder has no record of the ships that the Orr firm says are lost, the insurer said.
Q who doubts that the orr ships are lost
A the insurer
"""


def test_what_a_story_leaves_open_is_asked_of_its_other_articles_too(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(STORY)
    examples = list(read_written(tmp_path))
    assert {example.event for example in examples} == {"The Orr ships"}
    (found,) = retrieved(examples, random.Random(1))
    assert (found.question, found.answers) == ("What were the ships of the Orr firm worth?", ())
    assert found.context.startswith("The port of Alder")


def test_what_one_article_of_a_story_answers_may_be_answered_in_its_others(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(STORY)
    examples = list(read_written(tmp_path))
    assert negatives(examples, random.Random(1)) == []
    assert not any(e.nowhere is False for e in retrieved(examples, random.Random(1)))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("A two", "4: 'two' stands 2 times"),
        ("A three", "4: 'three' stands 0 times"),
        ("B two", "4: 'B two' does not"),
    ],
)
def test_a_mistake_in_our_own_examples_names_its_line(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "orr.txt").write_text(WRITTEN.replace("A had lost [two] ships", line))
    with pytest.raises(ValueError, match=message):
        list(read_written(tmp_path))


def test_a_paragraph_without_its_answering_sentence_does_not_answer() -> None:
    text = "The ferry sank. It struck a rock on Monday at noon. Nobody was hurt in it. The rock is old."
    at = text.index("Monday")
    asked = [Example("selqa", str(n), "Ferry", "When?", text, ((at, at + 6),)) for n in range(20)]
    found = list(cut(asked, random.Random(1)))
    assert 10 < len(found) < 20
    assert {e.context for e in found} == {"The ferry sank. Nobody was hurt in it. The rock is old."}
    assert not any(e.answers for e in found)
    too_short = [replace(e, context=text[:51]) for e in asked]  # one sentence would be left
    assert list(cut(too_short, random.Random(1))) == []
