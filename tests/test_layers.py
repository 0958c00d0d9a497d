"""Data goes down, and imports go one way: index ← rag ← web ← app.py."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "index": {"index"},
    "rag": {"index", "rag"},
    "web": {"index", "rag", "web"},
    "app.py": {"index", "rag", "web"},
}
OURS = {"index", "rag", "web", "app", "tests", "training", "benchmarks"}
# rag/ reads a library; how articles get into one is none of its business. But an evaluation makes one
# for itself alone.
MAY_BUILD = "rag/evaluation/collection.py"
CLOSED_TO_RAG = (
    "index.reading",
    "index.building",
    "index.checking",
    "index.store",
    "index.indexes",
    "index.vectors",
)
# Each foreign library lives in few rooms, so that replacing it is a change to one room.
ROOMS = {
    "chromadb": {"index/vectors.py"},
    "langchain_chroma": {"index/vectors.py"},
    "tantivy": {"index/lexical.py"},
    "sqlite3": {"index/store.py"},
    "sentence_transformers": {"index/embedding.py"},
    "tiktoken": {"index/tokens.py"},
    "tokenizers": {"index/tokens.py", "rag/reader.py"},
    "onnxruntime": {"rag/reader.py"},
    "tokenizesentences": {"index/sentences.py"},
    "simplemma": {"rag/terms.py"},
    "rapidfuzz": {"index/spelling.py"},
    "filelock": {"index/owner.py"},
    "ir_measures": {"rag/evaluation/retrieval_scores.py"},
    "rouge_score": {"rag/evaluation/answer_scores.py"},
    "scipy": {"rag/evaluation/statistics.py"},
    "matplotlib": {"rag/evaluation/plots.py"},
    "regex": {"rag/evaluation/wording.py", "rag/evaluation/questions.py"},
    "jinja2": {"rag/evaluation/report.py"},
    "markupsafe": {"rag/evaluation/report.py"},
    "gradio": {"web/page.py"},
    "uvicorn": {"web/server.py"},
}


def imported(source: str) -> Iterator[str]:
    """The dotted names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def broken_rules(path: str, source: str) -> list[str]:
    """The rules that a file at `path` (relative to the root) breaks."""
    room = path.split("/")[0]
    broken = []
    for name in imported(source):
        top = name.split(".")[0]
        if top in OURS and top not in MAY_IMPORT[room]:
            broken.append(f"{path} imports {name}: {room} may not know {top}")
        if room == "rag" and name.startswith(CLOSED_TO_RAG) and path != MAY_BUILD:
            broken.append(f"{path} imports {name}: rag only reads a library")
        if top in ROOMS and path not in ROOMS[top]:
            broken.append(f"{path} imports {name}, which lives in {', '.join(ROOMS[top])}")
    return broken


def test_every_file_keeps_the_import_rules() -> None:
    files = [path for room in ("index", "rag", "web") for path in (ROOT / room).rglob("*.py")] + [
        ROOT / "app.py"
    ]
    assert len(files) > 30
    assert [rule for p in files for rule in broken_rules(str(p.relative_to(ROOT)), p.read_text())] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("index/a.py", "from rag.answer import Answer"),
        ("index/a.py", "def f():\n    import rag"),
        ("rag/a.py", "import web.page"),
        ("rag/a.py", "from index.reading import read"),
        ("rag/a.py", "from index.building import add_articles"),
        ("web/a.py", "import app"),
        ("index/a.py", "import tests.fakes"),
        ("index/library.py", "import chromadb"),
        ("web/server.py", "import gradio as gr"),
    ],
)
def test_a_file_that_breaks_a_rule_is_named(path: str, source: str) -> None:
    (rule,) = broken_rules(path, source)
    assert rule.startswith(f"{path} imports ")


@pytest.mark.parametrize("module", ["index.__main__", "rag.__main__", "web.settings", "rag.assistant"])
def test_importing_loads_no_model_and_no_page(module: str) -> None:
    import subprocess
    import sys

    program = f"import sys, {module}; print([m for m in ('torch', 'sentence_transformers', 'gradio') if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert found.stdout.strip() == "[]"
