"""Training the reader: what a window asks the model to mark, and in which order it is shown what."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from rag.reader import MAX_TOKENS
from training.train_reader import (
    Stage,
    loss_of,
    mixed,
    rate_at,
    tokenizer_for_training,
    train,
    windows,
)

pytestmark = pytest.mark.models  # it needs torch

STORY = "The ferry sank on Monday. "


def example(context: str, *answers: str, kind: str = "span") -> dict[str, Any]:
    spans = [(context.index(answer), context.index(answer) + len(answer)) for answer in answers]
    return {"question": "When did it sink?", "context": context, "answers": spans, "kind": kind}


def marked(given: dict[str, Any]) -> list[set[str | None]]:
    """The words where an answer may start, in each window; "[CLS]" for no answer."""
    tokenizer = tokenizer_for_training()
    return [{tokenizer.id_to_token(w.ids[at]) for at in w.starts} for w in windows(tokenizer, given)]


def test_an_answer_is_marked_with_its_alternatives() -> None:
    assert marked(example(STORY, "Monday", "on Monday")) == [{"monday", "on"}]


def test_where_only_the_sentence_is_known_any_word_of_it_will_do() -> None:
    assert marked(example(STORY, STORY.strip(), kind="sentence"))[0] >= {"the", "ferry", "sank", "monday"}


def test_without_an_answer_the_first_token_stands_for_none() -> None:
    assert marked(example(STORY)) == [{"[CLS]"}]


def test_of_a_long_context_only_windows_with_the_answer_are_shown() -> None:
    filler = "The committee spoke at length about the budget. " * 60
    tokenizer = tokenizer_for_training()
    found = list(windows(tokenizer, example(f"{filler}{STORY}{filler}", "Monday")))
    assert found
    assert all(len(window.ids) <= MAX_TOKENS for window in found)
    assert all(tokenizer.id_to_token(window.ids[window.starts[0]]) == "monday" for window in found)


def test_a_folder_with_another_run_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.train_reader.STAGES", (Stage(1e-4, 0.0, {}),))
    examples = tmp_path / "examples.jsonl"
    rows = [{"source": "made", **example(STORY, "Monday")} for _ in range(3)]
    examples.write_text("\n".join(json.dumps(row) for row in rows))
    train(examples, tmp_path / "out", None)
    assert (tmp_path / "out" / "model" / "model.safetensors").exists()
    before = (tmp_path / "out" / "checkpoint.pt").read_bytes()
    train(examples, tmp_path / "out", None)  # the same: it has nothing left to do
    with pytest.raises(SystemExit, match="another run"):
        train(examples, tmp_path / "out", 2)
    assert (tmp_path / "out" / "checkpoint.pt").read_bytes() == before


def test_the_loss_is_what_is_missing_of_certainty_by_hand() -> None:
    """Two of four tokens will do, and all are equally likely: -log(1/2); padding counts for nothing."""
    logits = torch.tensor([[1.0, 1.0, 1.0, 1.0, 9.0]])
    allowed = torch.tensor([[False, True, True, False, False]])
    mask = torch.tensor([[1, 1, 1, 1, 0]])
    assert loss_of(logits, allowed, mask).item() == pytest.approx(math.log(2))


def test_the_rate_rises_and_then_falls_to_the_last_of_its_stage() -> None:
    rates = [rate_at(step, 100, Stage(1e-4, 4e-5, {})) for step in range(100)]
    assert rates.index(max(rates)) in range(4, 8)
    assert rates[0] < rates[3] and rates[10] > rates[50] > rates[99] > 4e-5
    assert max(rates) == pytest.approx(1e-4)


def test_a_stage_shows_at_most_so_many_of_a_source() -> None:
    rows = [{"source": "a", "id": n} for n in range(10)] + [{"source": "b", "id": n} for n in range(5)]
    chosen = mixed(rows, {"a": 3}, seed=1)
    assert [sum(row["source"] == source for row in chosen) for source in "ab"] == [3, 5]
    assert chosen == mixed(rows, {"a": 3}, seed=1)
