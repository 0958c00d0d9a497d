"""Makes examples for training the checker: statements on paragraphs that support them, or do not.

    python training/statement_data.py examples.jsonl

They come from training/statements/, text files whose lines begin with what they are: `P paragraph`; after it
`T kind | statement` that it supports, `F kind | statement | what it says instead` and `U kind | statement | what it
does not say`. They are written as train_reader.py reads them: the statement stands where a question does, and what
answers is the sentences that carry it. The development part goes to examples.dev.jsonl.
"""

from __future__ import annotations

import argparse
import random
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from index.article import Span
from index.sentences import sentence_spans
from rag.terms import terms
from training.reader_data import Example

STATEMENTS = Path(__file__).parent / "statements"
LABELS = {"T": 2, "F": 3, "U": 3}  # and how many parts their lines have
DEV = 10  # one paragraph in so many
BESIDE = 0.4  # share of the statements whose paragraph comes with another one
ELSEWHERE = 0.25  # for each supported statement, on a paragraph that does not say it
MOST_CARRIERS = 3  # sentences that a statement is put together from
CARRIES = 0.25  # share of a statement's terms that each further sentence must add


@dataclass(frozen=True)
class Statement:
    """`label` is "T" (supported), "F" (wrong) or "U" (not said); `note` says what of it, empty for "T"."""

    where: str
    paragraph: str
    label: str
    kind: str
    text: str
    note: str = ""


def read_statements(folder: Path) -> Iterator[Statement]:
    """The statements of a folder's text files. ValueError names the line that is wrong."""
    for path in sorted(folder.glob("*.txt")):
        paragraph = ""
        for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
            label, _, rest = line.strip().partition(" ")
            parts = [part.strip() for part in rest.split(" | ")]
            if label == "P":
                paragraph = rest.strip()
            elif label in LABELS and paragraph and len(parts) == LABELS[label] and all(parts):
                yield Statement(f"{path.name}:{number}", paragraph, label, *parts)
            elif label:
                raise ValueError(f"{path.name}:{number}: {line[:60]!r} does not belong here")


def carriers(statement: str, paragraph: str) -> list[Span]:
    """The sentences that a statement rests on: those that together have most of its terms.

    >>> text = "The ferry sank. Nobody was hurt. It had left Skarra at noon."
    >>> [text[start:end] for start, end in carriers("The ferry that left Skarra at noon sank.", text)]
    ['The ferry sank.', 'It had left Skarra at noon.']
    """
    said = {span: set(terms(paragraph[slice(*span)])) for span in sentence_spans(paragraph)}
    asked = set(terms(statement))
    missing, found = set(asked), list[Span]()
    while said and len(found) < MOST_CARRIERS:
        best = max(said, key=lambda span: len(missing & said[span]))
        gained = missing & said.pop(best)
        if found and len(gained) < max(2, CARRIES * len(asked)):
            break
        found.append(best)
        missing -= gained
    return sorted(found)


def examples(statements: Iterable[Statement], seed: int) -> Iterator[Example]:
    """An example for each statement, and for some that are supported another on a paragraph that does not say it."""
    statements = list(statements)
    beside = defaultdict[str, dict[str, None]](dict)  # file → its paragraphs
    for statement in statements:
        beside[statement.where.partition(":")[0]][statement.paragraph] = None
    for statement in statements:
        rng = random.Random(f"{seed} {statement.where}")
        others = [p for p in beside[statement.where.partition(":")[0]] if p != statement.paragraph]
        found = carriers(statement.text, statement.paragraph) if statement.label == "T" else []
        example = Example(
            "statements",
            f"{statement.where}/{statement.label}/{statement.kind}",
            "",
            statement.text,
            statement.paragraph,
            tuple(found),
            "sentence",
        )
        if others and rng.random() < BESIDE:
            other = rng.choice(others)
            first = f"{other} " if rng.random() < 0.5 else ""
            last = "" if first else f" {other}"
            moved = tuple((start + len(first), end + len(first)) for start, end in example.answers)
            yield replace(example, context=f"{first}{statement.paragraph}{last}", answers=moved)
        else:
            yield example
        if found and others and rng.random() < ELSEWHERE:
            yield replace(example, id=f"{example.id}/elsewhere", context=rng.choice(others), answers=())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    statements = list(read_statements(STATEMENTS))
    held = [zlib.crc32(statement.paragraph.encode()) % DEV == 0 for statement in statements]
    for out, wanted in ((given.out, False), (given.out.with_suffix(".dev.jsonl"), True)):
        part = [statement for statement, is_held in zip(statements, held, strict=True) if is_held == wanted]
        made = list(examples(part, given.seed))
        out.write_text("".join(f"{example.as_json()}\n" for example in made), encoding="utf-8")
        print(f"{out}: {len(made)} examples, {dict(Counter(statement.label for statement in part))}")


if __name__ == "__main__":
    main()
