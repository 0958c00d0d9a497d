"""A kill at any moment loses nothing that was reported."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.checking import check
from index.library import Library
from tests.fakes import WordEmbedder

ROOT = Path(__file__).parents[2]
ARTICLES = 400
PROGRAM = """
import json, sys
from pathlib import Path
from index import building
from index.library import Library
from tests.fakes import WordEmbedder

building._BATCH_CHUNKS = 4  # many small commits: more moments at which a kill could hurt
with Library(Path(sys.argv[1]), WordEmbedder(), create=True) as library:
    print("open", flush=True)
    for report in building.add_articles(library, [Path(sys.argv[2])]):
        print(json.dumps([report.status, report.path]), flush=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    words = ["council", "harbour", "fare", "river", "study", "vote", "club", "stadium", "library", "strike"]
    chance = random.Random(0)
    for number in range(ARTICLES):
        sentences = [" ".join(chance.choices(words, k=12)).capitalize() + "." for _ in range(12)]
        (folder / f"{number:03}.txt").write_text(
            f"Report number {number} of the day\n\n" + " ".join(sentences)
        )
    return folder


@pytest.mark.parametrize("moment", range(10))
def test_what_was_reported_before_a_kill_is_there_after_it(moment: int, folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "library"
    chance = random.Random(moment)
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, data, folder], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as adding:
        assert adding.stdout is not None
        lines = [adding.stdout.readline() for _ in range(1 + (chance.randrange(1, 60) if moment else 0))]
        time.sleep(chance.random() * 0.02)
        adding.send_signal(signal.SIGKILL)
        lines += adding.stdout.readlines()
    reported = [json.loads(line) for line in lines[1:] if line.endswith("]\n")]
    assert {status for status, _ in reported} <= {"added"}
    assert len(reported) < ARTICLES, "it was killed in the middle"
    assert reported or moment == 0, "nothing was added before the kill"
    with Library(data, WordEmbedder()) as library:
        assert check(library) == []
        assert {path for _, path in reported} <= {article.path for article in library.articles()}
        for article in library.articles():
            found = library.search_words(article.headline or "", 50)
            assert article.id in {scored.article.id for scored in found}
