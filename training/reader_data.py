"""Makes the examples that the reader is trained on: one file out of nine public sets and our own.

    python training/reader_data.py DATA_FOLDER OUT.jsonl [--seed 1] [--held-out BENCH_FOLDER]

A line is {"source", "id", "article", "kind", "question", "context", "answers": [[start, end], ...]}. An
answer is `context[start:end]`; several are alternatives, and with none the context does not answer. Of the
kind "sentence" the answer is a run of whole sentences, else a "span". The same seed gives the same file.

OUT.dev.jsonl is for choosing between models: other articles, and its questions and contexts are as they
were written, without the variation (lower case, keywords, datelines) that training gets.

Our own lie in training/written/: paragraphs and questions in plain text, see `read_written`.

With `--held-out`, nothing is kept that shares eight words in a row with any text of that folder, or that
asks one of its questions. Takes half a minute. The README of the data folder has the licences and sources.
"""

from __future__ import annotations

import argparse
import csv
import heapq
import json
import math
import random
import re
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from index.sentences import sentence_spans
from rag.reader import headline_prefix
from rag.terms import STOP_WORDS, terms, words

Span = tuple[int, int]
LeftOut = Counter[tuple[str, str]]  # (source, why) → how many

# Source → how many articles are kept for development, and how many of their examples.
DEV = {
    "squad2_part": (2, 10_000),
    "qed": (160, 200),
    "fairytaleqa": (25, 300),
    "qamr": (80, 300),
    "written": (0, 100_000),  # chosen by DEV_WRITTEN instead
}
DEV_WRITTEN = 8  # one article in so many, the same ones however many are added
# More of these made short answers worse: in a trial F1 on XQuAD fell from .51 to .47.
AT_MOST = {"qasrl_gs": 1_000, "qanom": 500, "qadiscourse": 1_500}
PARAGRAPH_SETS = (
    "squad2_part",
    "policyqa",
    "qed",
    "fairytaleqa",
    "written",
)  # these get questions on wrong paragraphs
NEGATIVES = 1 / 4  # for each answerable question, on another paragraph of its article
# For each answerable question, on a paragraph of another article that a search for it would find. Without
# them the reader tells the paragraphs of one article apart, but not the passages of a search: its best
# sentence of 16 passages was right for .67 of the questions, where cosine and shared words got .75.
RETRIEVED = {"squad2_part": 1.0, "qed": 1.0, "written": 1.0, "fairytaleqa": 0.3}
NEAREST = 5  # of the paragraphs found, one of so many is taken
# For each answerable question, on its paragraph without the sentences that hold the answer: on the topic to
# the last word, and nothing answers.
CUT = {"squad2_part": 0.25, "qed": 0.5, "written": 0.25, "selqa": 0.75}
WITHOUT_ANSWER = 1 / 3  # share of the built paragraphs that lack the answering sentence
WITH_TITLE = {"squad2_part": 0.4, "qed": 0.4, "written": 0.5}  # share of contexts under their title
SHARED_WORDS = 8
WRITTEN = Path(__file__).parent / "written"


_NOT_TRAINED_ON = ("topic", "story", "nowhere")


@dataclass(frozen=True)
class Example:
    source: str
    id: str
    article: str
    question: str
    context: str
    answers: tuple[Span, ...]
    kind: str = "span"
    topic: str = ""  # other paragraphs of the article with this topic may well answer, too
    story: str = ""  # of several articles on one event: which event
    nowhere: bool = False  # whether no paragraph of the whole story answers

    @property
    def event(self) -> str:
        """What it is about; articles on one event may answer the same questions."""
        return self.story or self.article

    def texts(self) -> list[str]:
        return [self.context[start:end] for start, end in self.answers]

    def as_json(self) -> str:
        fields = {name: value for name, value in vars(self).items() if name not in _NOT_TRAINED_ON}
        return json.dumps(fields, ensure_ascii=False)


# Penn-style tokens back into text

_SHOWN = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "--": "–"}
_SHOWN |= {"``": "“", "''": "”", "`": "‘", "\ufeff": "", "\u200b": "", "\u200e": "", "\u202c": ""}
_STRAIGHT = str.maketrans("“”‘", '""\'')
_NO_SPACE = [
    (re.compile(r" (?=(?:[.,:;?!)\]}%′″”]|\.\.\.|n't|'(?:s|re|ve|m|d|ll))(?: |$))", re.IGNORECASE), ""),
    (re.compile(r"(?<=[(\[{“‘]) | (?=°)|(?<=[$£€¥₹#]) (?=\d)|(?<= /) | (?=/ )|(?<=/) |(?<=\d:) (?=\d)"), ""),
    (re.compile(r"(?<=\d) – (?=\d)"), "–"),
    (re.compile(r'" ([^"]*?) "'), r'"\1"'),
    (re.compile(r"(‘[^‘']*) '"), r"\1'"),
    (re.compile(r"(?<![sxz0-9])(?<!') ' ([^']{1,80}) '(?= |$)|(?<='s) ' ([^']{1,80}) '(?= |$)"), r" '\1\2'"),
    (re.compile(r" '(?=[ .,;:?!)”]|$)"), "'"),
]


def detokenise(tokens: Sequence[str], split_hyphens: bool = False) -> tuple[str, list[Span]]:
    """The text as people write it, and where each token is in it (some are gone: an empty span).

    `split_hyphens`: whether a lone "-" is a hyphen, as in "role - playing", or a dash.

    >>> detokenise("`` I did n't , '' he said -LRB- for $ 5 -RRB- .".split())[0]
    '"I didn\\'t," he said (for $5).'
    """
    shown = [_SHOWN.get(token, token) for token in tokens]
    for n, (before, token) in enumerate(pairwise(shown), 1):
        if token == "." and before.endswith("."):  # "the U.S. ."
            shown[n] = ""
    text = " ".join(part for part in shown if part)
    for pattern, replacement in _NO_SPACE:
        text = pattern.sub(replacement, text)
    if split_hyphens:
        text = re.sub(r"(?<=\w) - (?=\w)", "-", text)
    # Only spaces were taken away: the characters between them are those of the tokens, in order.
    places = [n for n, character in enumerate(text) if character != " "]
    spans, used = [], 0
    for part in shown:
        first, used = used, used + len(part)
        spans.append((places[first], places[used - 1] + 1) if part else (0, 0))
    return text.translate(_STRAIGHT), spans


@dataclass(frozen=True)
class Sentence:
    tokens: tuple[str, ...]

    @cached_property
    def _shown(self) -> tuple[str, list[Span]]:
        return detokenise(self.tokens)

    @property
    def text(self) -> str:
        return self._shown[0]

    def span(self, first: int, end: int) -> Span | None:
        """Where the tokens from `first` up to `end` are in the text, without the marks around them."""
        tokens = self.tokens
        while first < end and not _is_word(tokens[first]) and tokens[first] not in ("$", "£", "€"):
            first += 1
        while first < end and not _is_word(tokens[end - 1]) and tokens[end - 1] != "%":
            end -= 1
        if first >= end:
            return None
        start, stop = self._shown[1][first][0], self._shown[1][end - 1][1]
        part = "".join(_SHOWN.get(token, token) for token in tokens[first:end]).translate(_STRAIGHT)
        assert self.text[start:stop].replace(" ", "").replace(".", "") == part.replace(".", "")
        for opening, closing in ('""', "()", "[]"):
            inside = self.text[start:stop]
            half = inside.count('"') % 2 if opening == '"' else inside.count(opening) > inside.count(closing)
            stop += bool(half) and self.text[stop : stop + 1] == closing
        return start, stop


def _is_word(token: str) -> bool:
    return token not in _SHOWN and any(character.isalnum() for character in token)


# Finding an answer's words in a text


def find(text: str, answer: str, near: str = "") -> Span | None:
    """Where the words of `answer` stand in `text`, whatever their case and the marks between them.

    Of several places the one that has the most words of `near` around it.
    """
    found = re.findall(r"\w+", answer)
    if not found:
        return None
    pattern = re.compile(r"(?<!\w)" + r"\W{1,4}".join(map(re.escape, found)) + r"(?!\w)", re.IGNORECASE)
    asked = set(terms(near))
    places = [match.span() for match in pattern.finditer(text)]
    if not places:
        return None

    def around(place: Span) -> int:
        return len(asked.intersection(terms(text[max(0, place[0] - 120) : place[1] + 120])))

    start, end = max(places, key=around) if len(places) > 1 else places[0]
    return start - (text[max(0, start - 1) : start] in tuple("$£€")), end + (
        text[end : end + 1] in tuple("%°")
    )


def says_something(answer: str) -> bool:
    return any(word not in STOP_WORDS and word not in ("yes", "no", "i") for word in words(answer))


def as_question(text: str) -> str:
    text = " ".join(text.replace("\\'", "'").replace('""', '"').replace("--", "–").split()).rstrip(" ?.")
    return f"{text[:1].upper()}{text[1:]}?"


def lines_of(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").split("\n") if line.strip()]


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


# The sets of paragraphs


def read_squad(path: Path, source: str) -> Iterator[Example]:
    for article in json.loads(path.read_text("utf-8"))["data"]:
        title = article["title"].replace("_", " ")
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            for qa in paragraph["qas"]:
                spans = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in qa["answers"]]
                assert all(context[slice(*s)] == a["text"] for s, a in zip(spans, qa["answers"], strict=True))
                spans = [whole_words(context, *span) for span in spans]
                topic = qa.get("type", "").split("|||")[0]
                id, question = qa["id"], qa["question"].strip()
                yield Example(source, id, title, question, context, _unique(spans), topic=topic)


_BRACKETED = re.compile(r"\[(.+?)\]")


def read_written(folder: Path) -> Iterator[Example]:
    """Examples from text files whose lines begin with what they are.

    `## story` that the articles after it are about, where there are several; `# title` of an article, `P
    paragraph`, and after it `Q question` with `A words of the paragraph that answer` (again for an
    alternative), or `N` where the paragraph does not answer, or `X` where nothing in the whole story does. Words
    that stand there more than once are bracketed within what surrounds them: `A told her that [Mara] had`.
    ValueError names the line that is wrong.
    """
    for path in sorted(folder.glob("*.txt")):
        story = title = paragraph = ""
        question: Example | None = None
        for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
            kind, _, text = line.partition(" ")
            text = text.strip()
            where = f"{path.name}:{number}"
            if question and kind not in ("A", "N", "X"):
                yield question
                question = None
            match kind:
                case "##":
                    story, title, paragraph = text, "", ""
                case "#":
                    title, paragraph = text, ""
                case "P":
                    paragraph = text
                case "Q" if paragraph:
                    question = Example("written", where, title, text, paragraph, (), story=story)
                case "A" if question:
                    question = replace(question, answers=(*question.answers, _marked(paragraph, text, where)))
                case "N" if question and not question.answers:
                    pass
                case "X" if question and not question.answers:
                    question = replace(question, nowhere=True)
                case "":
                    pass
                case _:
                    raise ValueError(f"{where}: {line[:60]!r} does not belong here")
        if question:
            yield question


def _marked(paragraph: str, words_there: str, where: str) -> Span:
    bracketed = _BRACKETED.search(words_there)
    before, marked, after = words_there, "", ""
    if bracketed:
        before, marked, after = words_there[: bracketed.start()], bracketed[1], words_there[bracketed.end() :]
    whole = before + marked + after
    if paragraph.count(whole) != 1:
        raise ValueError(f"{where}: {whole!r} stands {paragraph.count(whole)} times in its paragraph")
    start = paragraph.index(whole) + (len(before) if bracketed else 0)
    return start, start + len(marked or whole)


def whole_words(text: str, start: int, end: int) -> Span:
    """Some answers of policyqa begin or end inside a word."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def read_qed(folder: Path, left_out: LeftOut) -> Iterator[Example]:
    for line in lines_of(folder / "qed-dev.jsonlines"):
        row = json.loads(line)
        original = row["paragraph_text"]
        places = [match.span() for match in re.finditer(r"\S+", original)]
        context, shown = detokenise(original.split(), split_hyphens=True)
        # Alternatives are single spans; somebody's list of several is used where nobody gave a single one.
        given = row["original_nq_answers"]
        single = [answer for answer in given if len(answer) == 1] or given
        spans = []
        for part in (part for answer in single for part in answer):
            inside = [
                n for n, (start, end) in enumerate(places) if end > part["start"] and start < part["end"]
            ]
            spans.append((shown[inside[0]][0], shown[inside[-1]][1]))
        article = row["title_text"]
        yield Example(
            "qed",
            str(row["example_id"]),
            article,
            row["question_text"],
            context,
            _unique(spans),
            topic=article,
        )


def read_fairytaleqa(folder: Path, left_out: LeftOut) -> Iterator[Example]:
    rows = [json.loads(line) for line in lines_of(folder / "questions.jsonl")]
    story = stories(list(dict.fromkeys(row["context"] for row in rows)))
    for n, row in enumerate(rows):
        if row["kind"] != "explicit":
            left_out["fairytaleqa", "implicit"] += 1
            continue
        answers = [answer for answer in dict.fromkeys(row["answers"]) if says_something(answer)]
        spans = [find(row["context"], answer, row["question"]) for answer in answers]
        if not any(spans):
            left_out["fairytaleqa", "explicit, but not in the text"] += 1
            continue
        spans_found = _unique(span for span in spans if span)
        article = f"fairytale:{story[row['context']]}"
        yield Example("fairytaleqa", str(n), article, row["question"].strip(), row["context"], spans_found)


def stories(sections: Sequence[str], span: int = 100) -> dict[str, int]:
    """Which story each section is of. The data does not say, but sections of a story stand together, and
    share words that stand nowhere else: a story ends where no such word goes on."""
    seen = defaultdict[str, list[int]](list)
    for n, section in enumerate(sections):
        for word in set(words(section)):
            seen[word].append(n)
    goes_on = [False] * len(sections)
    for places in seen.values():
        if len(places) > 1 and places[-1] - places[0] <= span:
            goes_on[places[0] : places[-1]] = [True] * (places[-1] - places[0])
    numbers, number = {}, 0
    for section, more in zip(sections, goes_on, strict=True):
        numbers[section] = number
        number += not more
    return numbers


def read_selqa(folder: Path, left_out: LeftOut) -> Iterator[Example]:
    for name in ("selqa-ass-dev.json", "selqa-ass-test.json"):
        for n, row in enumerate(json.loads((folder / name).read_text("utf-8"))):
            sentences = [" ".join(sentence.split()) for sentence in row["candidates"]]
            context, places = join(sentences)
            runs = [(places[first][0], places[end - 1][1]) for first, end in runs_of(row["answers"])]
            question = as_question(row["question"])
            yield Example(
                "selqa", f"{name[10:-5]}#{n}", row["article"], question, context, tuple(runs), "sentence"
            )


def join(sentences: Sequence[str]) -> tuple[str, list[Span]]:
    places, start = [], 0
    for sentence in sentences:
        places.append((start, start + len(sentence)))
        start += len(sentence) + 1
    return " ".join(sentences), places


def runs_of(numbers: Iterable[int]) -> list[Span]:
    """
    >>> runs_of([4, 5, 6, 9])
    [(4, 7), (9, 10)]
    """
    runs: list[Span] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs


def _unique(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(spans))


# The sets of single sentences: article:paragraph:sentence


class Pool:
    """Sentences, in their articles and by their words."""

    def __init__(self, sentences: dict[str, Sentence]) -> None:
        self.sentences = sentences
        self.articles = defaultdict[str, list[str]](list)
        self._by_term = defaultdict[str, list[str]](list)
        for id in sorted(sentences, key=_position):
            self.articles[article_of(id)].append(id)
            for term in terms(sentences[id].text):
                self._by_term[term].append(id)

    def near(self, id: str, count: int) -> list[str]:
        """The nearest other sentences of the article."""
        article = self.articles[article_of(id)]
        here = article.index(id)
        nearest = sorted((n for n in range(len(article)) if n != here), key=lambda n: (abs(n - here), n))
        return [article[n] for n in nearest[:count]]

    def like(self, text: str, article: str, count: int, without: Sequence[str]) -> list[str]:
        """Sentences of other articles that share the most words with `text`, and hold no answer."""
        scores = defaultdict[str, float](float)
        for term in terms(text):
            places = self._by_term.get(term, [])
            if 0 < len(places) <= 300:
                for id in places:
                    scores[id] += math.log(len(self.sentences) / len(places))
        best = heapq.nlargest(10 * count, scores, key=lambda id: scores[id])
        found = (id for id in best if article_of(id) != article)
        return [id for id in found if not holds(self.sentences[id].text, without)][:count]


_BROKEN = re.compile("Ã|Â|â€|\ufffd")  # bytes read in the wrong encoding


def article_of(id: str) -> str:
    return id.rsplit(":", 2)[0]


def _position(id: str) -> tuple[str, int, int]:
    article, paragraph, sentence = id.rsplit(":", 2)
    return article, int(paragraph), int(sentence)


def holds(text: str, answers: Iterable[str]) -> bool:
    return any(find(text, answer) for answer in answers)


@dataclass(frozen=True)
class Asked:
    """A question about one sentence, with answers that are spans of its text."""

    source: str
    id: str
    sentence: str
    question: str
    answers: tuple[Span, ...]


def read_sentences(folder: Path) -> dict[str, Sentence]:
    """All sentences of the four sets: they are of the same articles, and qanom's are the least clean."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("qanom/*.csv")) + sorted(folder.glob("qasrl_gs/*.sentences.csv")):
        found |= {row["qasrl_id"]: row["sentence"] for row in rows_of(path)}
    for path in sorted(folder.glob("qadiscourse/*.tsv")):
        found |= {row["qasrl_id"]: row["sentence"] for row in _tsv(path) if "\ufffd" not in row["sentence"]}
    for line in lines_of(folder / "qamr/wiki-sentences.tsv"):
        id, _, found[id] = line.partition("\t")
    return {id: Sentence(tuple(text.split())) for id, text in found.items() if not _BROKEN.search(text)}


def _tsv(path: Path) -> Iterator[dict[str, str]]:
    names, *rows = [line.split("\t") for line in lines_of(path)]
    for row in rows:
        clean = [value.replace("\\'", "'").strip('"').replace('""', '"') for value in row]
        yield dict(zip(names, clean, strict=False))


def read_qamr(folder: Path, sentences: dict[str, Sentence], left_out: LeftOut) -> Iterator[Asked]:
    for name in ("dev", "test"):
        for n, line in enumerate(lines_of(folder / "qamr" / f"{name}.tsv")):
            id, _, _, _, _, question, answer, *checks = line.split("\t")
            said = [answer, *(check.partition(":")[2] for check in checks)]
            if not all(re.fullmatch(r"[\d ]+", tokens) for tokens in said):
                left_out["qamr", "invalid or redundant to somebody"] += 1
                continue
            spans = agreed([[int(token) for token in tokens.split()] for tokens in said], sentences[id])
            if not spans:
                left_out["qamr", "no agreement on one span"] += 1
                continue
            yield Asked("qamr", f"{id}#{name}{n}", id, as_question(question), spans)


def agreed(said: Sequence[Sequence[int]], sentence: Sentence) -> tuple[Span, ...]:
    """The run of tokens that most of them chose, then what each chose if it is a run over the same place."""
    votes = Counter(token for tokens in said for token in set(tokens))
    majority = _run([token for token, count in votes.items() if 2 * count > len(said)], sentence)
    if not majority:
        return ()
    each = [run for run in (_run(tokens, sentence) for tokens in said) if run]
    overlapping = [run for run in each if run[0] < majority[1] and majority[0] < run[1]]
    return _unique(span for run in (majority, *overlapping) if (span := sentence.span(*run)))


def _run(tokens: Iterable[int], sentence: Sentence) -> Span | None:
    """The tokens as one run, over the marks that people leave out; None if words are between them."""
    runs = runs_of(tokens)
    gaps = [n for (_, end), (start, _) in pairwise(runs) for n in range(end, start)]
    if not runs or any(_is_word(sentence.tokens[n]) for n in gaps):
        return None
    return runs[0][0], runs[-1][1]


_ARGUMENTS = re.compile(r"\bsome(?:one|thing|where|how)\b|\bdo(?:ing)? something\b")
_READS_WELL = ("who", "what", "where", "when", "why", "how much", "how long", "how many")


def read_roles(
    folder: Path, source: str, sentences: dict[str, Sentence], left_out: LeftOut
) -> Iterator[Asked]:
    """Questions of QA-SRL, where what they call "something" is the answer to another question on that word."""
    predicates = defaultdict[tuple[str, str], list[dict[str, str]]](list)
    for path in sorted((folder / source).glob("*.gold.csv" if source == "qasrl_gs" else "*.csv")):
        for row in rows_of(path):
            if row["question"] and row["qasrl_id"] in sentences:
                predicates[row["qasrl_id"], row.get("verb_idx") or row["target_idx"]].append(row)
    for (id, target), rows in predicates.items():
        sentence = sentences[id]
        names = {role: name for row in rows if (role := _role(row)) and (name := _name(row, sentence))}
        for n, row in enumerate(rows):
            question = named(row, names)
            spans = _unique(_row_spans(row, sentence))
            if not question or not spans or holds(question, [sentence.text[slice(*span)] for span in spans]):
                left_out[source, "does not name what it asks about"] += 1
                continue
            yield Asked(source, f"{id}#{target}.{n}", id, question, spans)


def _role(row: dict[str, str]) -> str:
    """Which argument a question asks for: "subject", "object" or ""."""
    if row["wh"] not in ("who", "what") or row["prep"] or row["obj2"]:
        return ""
    if not row["subj"]:
        return "object" if row["is_passive"] == "True" else "subject"
    return "object" if row["is_passive"] == "False" and not row["obj"] else ""


def _row_spans(row: dict[str, str], sentence: Sentence) -> Iterator[Span]:
    for part, answer in zip(row["answer_range"].split("~!~"), row["answer"].split("~!~"), strict=False):
        first, end = map(int, part.split(":"))
        same = list(sentence.tokens[first:end]) == answer.split()  # some are of a broken copy of the sentence
        if same and (span := sentence.span(first, end)) and says_something(sentence.text[slice(*span)]):
            yield span


def _name(row: dict[str, str], sentence: Sentence) -> str:
    """A short answer with a name or number in it, or ""."""
    for start, end in _row_spans(row, sentence):
        text = sentence.text[start:end]
        text = lower_start(text) if start == 0 else text
        if re.search(r"\b[A-Z0-9]", text) and len(text.split()) <= 5 and not re.search(r",| and |\"", text):
            return text
    return ""


def lower_start(text: str) -> str:
    first = text.split()[0] if text.split() else ""
    return first.lower() + text[len(first) :] if first.lower() in STOP_WORDS and first != "I" else text


def named(row: dict[str, str], names: dict[str, str]) -> str:
    """The question with its someone and something named, or "" if that cannot be done or reads oddly."""
    nobody = row["prep"] and not row["subj"] and not row["obj2"]  # "What has given rise to?"
    stiff = (
        row["verb_prefix"] or row["is_negated"] == "True" or row["aux"] in ("might", "would", "can", "could")
    )
    if nobody or stiff or row["wh"] not in _READS_WELL:
        return ""
    question = " ".join(row["question"].split())
    passive = row["is_passive"] == "True"
    for slot, role in (("subj", "object" if passive else "subject"), ("obj", "" if passive else "object")):
        if _ARGUMENTS.fullmatch(row[slot]) and role in names:
            question = question.replace(row[slot], names[role], 1)
    same = question == " ".join(row["question"].split())
    return "" if same or _ARGUMENTS.search(question) else as_question(question)


_CLAUSES = ("What is the reason", "What is the result of", "Since when", "Until when")


def read_qadiscourse(folder: Path, sentences: dict[str, Sentence], left_out: LeftOut) -> Iterator[Asked]:
    for path in sorted(folder.glob("qadiscourse/*.tsv")):
        for n, row in enumerate(_tsv(path)):
            start, aux, body = row["question_start"], row["question_aux"], row["question_body"]
            if start not in _CLAUSES:
                left_out["qadiscourse", "of another kind"] += 1
                continue
            sentence = sentences.get(row["qasrl_id"])
            span = find(sentence.text, row["answer"]) if sentence else None
            if not span or len(row["answer"].split()) < 3:
                left_out["qadiscourse", "answer not in the sentence"] += 1
                continue
            question = as_question(
                " ".join([start, *([aux] if aux != "_" else []), lower_start(body.strip())])
            )
            in_question = set(terms(row["answer"])) & set(terms(question))
            if 2 * len(in_question) >= len(set(terms(row["answer"]))):
                left_out["qadiscourse", "answer repeats the question"] += 1
                continue
            yield Asked("qadiscourse", f"{path.stem}#{n}", row["qasrl_id"], question, (span,))


# Not once the sentence stands among others; and nobody asks "the plane will what?".
_VAGUE = re.compile(
    r"\b(?:some(?:one|body|thing|where)|it|this|these|those|they|them|we|you)\b|\b(?:what|who|where)\?$",
    re.IGNORECASE,
)


def askable(asked: Asked, pool: Pool) -> bool:
    """Whether the question says enough to be asked of a paragraph, and its answer enough to be one."""
    text = pool.sentences[asked.sentence].text
    about = terms(asked.question)
    in_its_words = len(about) > 1 and not set(about).isdisjoint(terms(text))
    return (
        in_its_words and not _VAGUE.search(asked.question) and says_something(text[slice(*asked.answers[0])])
    )


def in_paragraph(asked: Asked, pool: Pool, rng: random.Random) -> Example:
    """The sentence among two to six others, or those others without it."""
    text, article = pool.sentences[asked.sentence].text, article_of(asked.sentence)
    answers = [text[slice(*span)] for span in asked.answers]
    without = rng.random() < WITHOUT_ANSWER
    count = rng.randint(2, 6)
    near = pool.near(asked.sentence, count)
    if without:
        near = [id for id in near if not holds(pool.sentences[id].text, answers)]
    # Also where the answer is there, so that a strange sentence does not tell that it is not.
    hard = rng.randint(1, 2) if without or rng.random() < 0.4 else 0
    strange = pool.like(asked.question, article, hard, answers) if hard else []
    near = near[: count - len(strange)]
    if missing := count - len(near) - len(strange):
        strange += [id for id in pool.like(text, article, missing + 2, answers) if id not in strange][
            :missing
        ]
    chosen = sorted([*near, *([] if without else [asked.sentence])], key=_position)
    for id in strange:
        chosen.insert(rng.randint(0, len(chosen)), id)
    context, places = join([pool.sentences[id].text for id in chosen])
    spans: list[Span] = []
    if not without:
        offset = places[chosen.index(asked.sentence)][0]
        spans = [(start + offset, end + offset) for start, end in asked.answers]
        assert [context[start:end] for start, end in spans] == answers
    return Example(asked.source, asked.id, article, asked.question, context, tuple(spans))


# Questions on the wrong paragraph


def negatives(examples: Sequence[Example], rng: random.Random) -> list[Example]:
    """Answerable questions, each on the paragraph of its article that shares the most words with it and
    does not hold the answer (of another article, where an article has one paragraph). Stories have such
    questions of their own."""
    examples = [example for example in examples if not example.story]
    about = defaultdict[str, dict[str, set[str]]](lambda: defaultdict(set))  # article → paragraph → topics
    for example in examples:
        about[example.article][example.context].add(example.topic or example.question.lower())
    all_terms = {context: set(terms(context)) for paragraphs in about.values() for context in paragraphs}
    answerable = [example for example in examples if example.answers]
    found: list[Example] = []
    for example in rng.sample(answerable, len(answerable)):
        if len(found) >= NEGATIVES * len(answerable):
            break
        asked, topic = set(terms(example.question)), example.topic or example.question.lower()
        paragraphs = about[example.article]
        others = all_terms if len(paragraphs) == 1 else paragraphs
        ranked = sorted(others, key=lambda context: -len(asked & all_terms[context]))
        for context in ranked[:10]:
            if topic not in paragraphs.get(context, ()) and not holds(context, example.texts()):
                found.append(replace(example, id=f"{example.id}/elsewhere", context=context, answers=()))
                break
    return found


def cut(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    """Answerable questions, each on its paragraph without the sentences that hold an answer, if two are left."""
    for example in examples:
        if not example.answers or rng.random() >= CUT.get(example.source, 0.0):
            continue
        texts = example.texts()
        spans = sentence_spans(example.context)
        kept = [
            (start, end)
            for start, end in spans
            if not any(start < last and first < end for first, last in example.answers)
            and (example.kind == "sentence" or not holds(example.context[start:end], texts))
        ]
        if 2 <= len(kept) < len(spans):
            context, _ = join([example.context[start:end] for start, end in kept])
            yield replace(example, id=f"{example.id}/cut", context=context, answers=())


def retrieved(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    """Answerable questions, each on a paragraph about another event that shares rare words with it.

    The paragraph is drawn from the nearest by the sum of the inverse document frequencies of the shared terms;
    it does not hold the answer. A question that its whole story leaves open comes on a paragraph of any event.
    """
    article_of_context = {example.context: example.article for example in examples}
    events = {example.context: example.event for example in examples}
    contexts = list(article_of_context)
    posted = defaultdict[str, list[int]](list)
    for number, context in enumerate(contexts):
        for term in set(terms(f"{article_of_context[context]} {context}")):
            posted[term].append(number)
    for example in examples:
        if not (example.answers or example.nowhere) or rng.random() >= RETRIEVED.get(example.source, 0.0):
            continue
        found = Counter[int]()
        for term in terms(example.question):
            for number in posted[term]:
                found[number] += math.log(len(contexts) / len(posted[term]))  # type: ignore[assignment]
        others = [
            contexts[number]
            for number, _ in found.most_common(4 * NEAREST)
            if (example.nowhere or events[contexts[number]] != example.event)
            and contexts[number] != example.context
            and not holds(contexts[number], example.texts())
        ]
        if others:
            context = rng.choice(others[:NEAREST])
            yield replace(
                example,
                id=f"{example.id}/retrieved",
                context=context,
                article=article_of_context[context],
                answers=(),
            )


# What is held out


def eights(text: str) -> set[str]:
    found = re.findall(r"\w+", text.lower())
    return {" ".join(found[n : n + SHARED_WORDS]) for n in range(len(found) - SHARED_WORDS + 1)}


@dataclass(frozen=True)
class HeldOut:
    runs: set[str]
    questions: set[str]

    @classmethod
    def of_folder(cls, folder: Path) -> HeldOut:
        """Every text of the folder's JSON files is held out, whatever its field is called."""
        runs, questions = set[str](), set[str]()
        for path in sorted(folder.rglob("*.json*")):
            for line in lines_of(path) if path.suffix == ".jsonl" else [path.read_text("utf-8")]:
                for text in strings(json.loads(line)):
                    runs |= eights(text) | eights(detokenise(text.split(), split_hyphens=True)[0])
                    questions.add(" ".join(words(text)))
        return cls(runs, questions)

    @classmethod
    def of_contexts(cls, examples: Iterable[Example]) -> HeldOut:
        contexts = {example.context for example in examples}
        return cls({run for context in contexts for run in eights(context)}, set())

    def keep(self, examples: Iterable[Example], left_out: LeftOut, why: str) -> list[Example]:
        shared: dict[str, bool] = {}
        kept = []
        for example in examples:
            if example.context not in shared:
                shared[example.context] = not self.runs.isdisjoint(eights(example.context))
            if shared[example.context]:
                left_out[example.source, f"shares text with {why}"] += 1
            elif " ".join(words(example.question)) in self.questions:
                left_out[example.source, f"question of {why}"] += 1
            else:
                kept.append(example)
        return kept


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


# Questions as people type them, texts as newspapers print them

_ACCORDING = ("according to the article", "according to the report", "according to reports")
_REPORTEDLY = re.compile(r"((?:who|what|how many \w+|which \w+) (?:was|were|is|are|has|have|had)) (?=[a-z]+(?:ed|en)\b)", re.I)  # fmt: skip
_TOLD_BY_KEYWORD = set("who whose when where why how many much long old far which not no".split())
_CITIES = (
    "LONDON PARIS BERLIN KYIV CAIRO NAIROBI DELHI TOKYO SYDNEY LIMA OTTAWA ANKARA DUBAI WASHINGTON".split()
)
_CITIES += ["NEW YORK", "HONG KONG", "SAO PAULO", "TEL AVIV", "CAPE TOWN", "PORT ALDER", "GENEVA", "MANILA"]
_AGENCIES = (
    "Northwire",
    "Reuters",
    "AP",
    "Meridian News",
    "Calder Press",
    "Harbour News Service",
    "AFP",
    "WNA",
)
_MONTHS = "Jan Feb March April May June July Aug Sept Oct Nov Dec".split()


def varied_question(question: str, rng: random.Random) -> str:
    draw, lower, bare = rng.random(), rng.random() < 0.2, rng.random() < 0.2
    if draw < 0.05:
        question = as_keywords(question)
    elif draw < 0.10:
        question = hedged(question, rng)
    question = question.lower() if lower else question
    return question.rstrip(" ?") if bare else question


def as_keywords(question: str) -> str:
    """
    >>> as_keywords("When did the ferry company raise its fares?")
    'When ferry company raise fares'
    """
    found = question.rstrip(" ?").split()
    kept = [w for w in found if w.lower().strip(",") not in STOP_WORDS - _TOLD_BY_KEYWORD]
    return " ".join(kept) if len(kept) > 2 else question


def hedged(question: str, rng: random.Random) -> str:
    """
    >>> hedged("Who was elected in May?", random.Random(1))
    'Who was reportedly elected in May?'
    """
    if _REPORTEDLY.match(question):
        return _REPORTEDLY.sub(r"\1 reportedly ", question, count=1)
    source = rng.choice(_ACCORDING)
    asked, mark = question.rstrip(" ?"), "?" if question.endswith("?") else ""
    if rng.random() < 0.5:
        return f"{asked}, {source}{mark}"
    first, space, rest = asked.partition(" ")
    starts = first.lower() if first.lower() in STOP_WORDS else first
    return f"{source[0].upper()}{source[1:]}, {starts}{space}{rest}{mark}"


def dateline(rng: random.Random) -> str:
    day, month, city, agency = (
        rng.randint(1, 28),
        rng.choice(_MONTHS),
        rng.choice(_CITIES),
        rng.choice(_AGENCIES),
    )
    forms = (
        f"{city}, {month} {day} ({agency}) - ",
        f"{city}, {day} {month} ({agency}) — ",
        f"{city} ({agency}) — ",
        f"{city}, {month} {day} - ",
        f"{city.title()}, {month} {day}, {rng.randint(2004, 2025)} — ",
    )
    return rng.choice(forms)


def with_dateline(example: Example, line: str) -> Example:
    moved = tuple((start + len(line), end + len(line)) for start, end in example.answers)
    return replace(example, context=line + example.context, answers=moved)


def varied(example: Example, seed: int) -> Example:
    rng = random.Random(f"{seed} {example.source} {example.id}")
    if example.source != "written":  # whose questions were written in all these ways
        example = replace(example, question=varied_question(example.question, rng))
    if rng.random() < 0.1:
        example = with_dateline(example, dateline(rng))
    if rng.random() < WITH_TITLE.get(example.source, 0.0):
        example = with_dateline(example, headline_prefix(example.article))
    return example


# All of it


def development_events(articles: dict[str, list[str]], seed: int) -> set[str]:
    """Some events of each source that has a development part: articles, or stories of several articles."""
    chosen = set[str]()
    chosen.update(a for a in articles.get("written", []) if zlib.crc32(a.encode()) % DEV_WRITTEN == 0)
    for source, (count, _) in DEV.items():
        known = sorted(set(articles.get(source, [])))
        chosen.update(random.Random(f"{seed} {source}").sample(known, min(count, len(known) // 2)))
    return chosen


def build(examples: Iterable[Example], asked: Iterable[Asked], pool: Pool, seed: int) -> list[Example]:
    """The paragraph sets with questions on wrong paragraphs, and paragraphs around single sentences."""
    by_source = grouped(examples)
    searchable = [example for source in RETRIEVED for example in by_source[source]]
    more = list(retrieved(searchable, random.Random(f"{seed} retrieved")))
    for source in CUT:
        more += cut(by_source[source], random.Random(f"{seed} {source} cut"))
    for source in PARAGRAPH_SETS:
        by_source[source] += negatives(by_source[source], random.Random(f"{seed} {source} elsewhere"))
    for example in more:
        by_source[example.source].append(example)
    for item in asked:
        rng = random.Random(f"{seed} {item.source} {item.id} paragraph")
        by_source[item.source].append(in_paragraph(item, pool, rng))
    return [example for source in by_source.values() for example in source]


def grouped(examples: Iterable[Example]) -> dict[str, list[Example]]:
    by_source = defaultdict[str, list[Example]](list)
    for example in examples:
        by_source[example.source].append(example)
    return by_source


def some(found: list[Example], most: int, seed: int) -> list[Example]:
    """At most so many, drawn by seed, in their order."""
    if len(found) <= most:
        return found
    drawn = random.Random(f"{seed} {found[0].source} some").sample(range(len(found)), most)
    return [found[n] for n in sorted(drawn)]


def make(
    data: Path, written: Path, seed: int, bench: Path | None, left_out: LeftOut
) -> tuple[list[Example], list[Example]]:
    """The examples for training, and those for development."""
    sentences = read_sentences(data)
    examples = [
        *read_squad(data / "squad2_part/dev-half.json", "squad2_part"),
        *read_squad(data / "policyqa/dev.json", "policyqa"),
        *read_qed(data / "qed", left_out),
        *read_fairytaleqa(data / "fairytaleqa", left_out),
        *read_selqa(data / "selqa", left_out),
        *read_written(written),
    ]
    pool = Pool(sentences)
    asked: dict[tuple[str, str], Asked] = {}
    for item in (
        *read_qamr(data, sentences, left_out),
        *read_roles(data, "qasrl_gs", sentences, left_out),
        *read_roles(data, "qanom", sentences, left_out),
        *read_qadiscourse(data, sentences, left_out),
    ):
        if not askable(item, pool):
            left_out[item.source, "question or answer says too little"] += 1
        elif asked.setdefault((item.sentence, item.question.lower()), item) is not item:
            left_out[item.source, "asked before"] += 1

    articles = defaultdict[str, list[str]](list)
    for source, article in (
        *((example.source, example.event) for example in examples),
        *((item.source, article_of(item.sentence)) for item in asked.values()),
    ):
        articles[source].append(article)
    development = development_events(articles, seed)
    held_out = HeldOut.of_folder(bench) if bench else HeldOut(set(), set())
    parts = []
    for wanted in (True, False):
        part = build(
            [example for example in examples if (example.event in development) == wanted],
            [item for item in asked.values() if (article_of(item.sentence) in development) == wanted],
            Pool({id: s for id, s in sentences.items() if (article_of(id) in development) == wanted}),
            seed,
        )
        parts.append(held_out.keep(part, left_out, "the held-out sets"))
    dev, train = parts
    train = HeldOut.of_contexts(dev).keep(train, left_out, "the development part")
    for example in dev:
        if example.source not in DEV:
            left_out[example.source, "of an article of the development part"] += 1
    by_source = grouped(dev)
    dev = [example for source, (_, most) in DEV.items() for example in some(by_source[source], most, seed)]
    train = [
        varied(example, seed)
        for source, found in grouped(train).items()
        for example in some(found, AT_MOST.get(source, len(found)), seed)
    ]
    return train, dev


def table(examples: Sequence[Example], left_out: LeftOut) -> str:
    """A line for each source; what was dropped because it is held out, from both parts together."""
    lines = [
        f"{'source':12} {'examples':>9} {'answerable':>11} {'unanswerable':>13} {'words':>6} {'dropped':>8}"
    ]
    for source in dict.fromkeys(example.source for example in examples):
        found = [example for example in examples if example.source == source]
        answerable = sum(bool(example.answers) for example in found)
        length = sum(len(example.context.split()) for example in found) / len(found)
        dropped = sum(
            count for (name, why), count in left_out.items() if name == source and "held-out" in why
        )
        counts = f"{len(found):9} {answerable:11} {len(found) - answerable:13} {length:6.0f}"
        lines.append(f"{source:12} {counts} {dropped:8}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--written", type=Path, default=WRITTEN)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", type=Path)
    given = parser.parse_args(arguments)
    left_out: LeftOut = Counter()
    train, dev = make(given.data, given.written, given.seed, given.held_out, left_out)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    for path, examples in ((given.out, train), (given.out.with_suffix(".dev.jsonl"), dev)):
        path.write_text("".join(example.as_json() + "\n" for example in examples), "utf-8")
        print(f"{path}: {len(examples):,} examples\n{table(examples, left_out)}\n")
    for (source, why), count in sorted(left_out.items()):
        print(f"{count:7,}  {source}: {why}")


if __name__ == "__main__":
    main()
