"""The examples for training the checker."""

from pathlib import Path

import pytest

from training.statement_data import STATEMENTS, examples, read_statements

WRITTEN = """P The Orr sank on Monday. Nobody was hurt. The firm said it would raise the ship.
T synonyms | Nobody was injured when the Orr went down on Monday.
F negation | The firm said it would not raise the Orr. | it said that it would
U motive | The Orr sank because it was old. | why is not said
P The bridge was closed after a crack was found.
T light | The bridge was closed after somebody found a crack.
"""


def test_statements_are_read_with_their_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(WRITTEN)
    true, wrong, unsaid, other = read_statements(tmp_path)
    assert (true.label, true.kind, true.note) == ("T", "synonyms", "")
    assert (wrong.where, wrong.note) == ("a.txt:3", "it said that it would")
    assert unsaid.paragraph == true.paragraph != other.paragraph


@pytest.mark.parametrize(
    "line", ["F negation | no note", "T light", "Q What?", "T light | one | two", "T | x"]
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text(f"{WRITTEN}{line}\n")
    with pytest.raises(ValueError, match=r"a\.txt:7"):
        list(read_statements(tmp_path))


def test_only_what_is_supported_has_sentences_that_carry_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(WRITTEN)
    found = [e for seed in range(20) for e in examples(read_statements(tmp_path), seed)]
    for example in found:
        supported = "/T/" in example.id and "elsewhere" not in example.id
        assert bool(example.answers) == supported
        if "/T/synonyms" in example.id and supported:
            assert "The Orr sank on Monday." in example.texts()
    assert any("bridge" in e.context and "Orr" in e.context for e in found)
    assert any(e.id.endswith("/elsewhere") for e in found)


def test_every_statement_that_we_wrote_can_be_read() -> None:
    labels = [statement.label for statement in read_statements(STATEMENTS)]
    assert min(labels.count(label) for label in "TFU") > 2_000
