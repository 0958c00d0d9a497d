"""The library: what is added stays, is found, and is removed everywhere."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.article import Article
from index.building import add_articles
from index.checking import check, repair
from index.errors import LibraryDamaged, LibraryError, LibraryInUse, LibraryMismatch, UnknownArticle
from index.library import Library, Prepared
from index.store import FILE_NAME, Store
from tests.fakes import WordEmbedder, add_texts, only_article

ROOT = Path(__file__).parents[2]
FERRY = "Ferry fares rise\n\nThe fare to Skarra will rise to five dollars in January, the operator said."
FLOOD = "Flood study doubles the risk\n\nTwice as many homes may flood as was thought, a study of the Tamsin says."


def open_again(library: Library) -> Library:
    library.close()
    return Library(library.folder, library.embedder)


def found_by_words(library: Library, query: str) -> list[str]:
    return [scored.chunk.text for scored in library.search_words(query, 5)]


def found_by_vector(library: Library, query: str) -> str:
    return library.search_vectors(library.embedder.vectors([query])[0], 5)[0].chunk.text


def test_an_added_article_is_found_by_both_indexes_after_opening_again(
    library: Library, tmp_path: Path
) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY, "flood.txt": FLOOD})
    library = open_again(library)
    expected = "The fare to Skarra will rise to five dollars in January, the operator said."
    assert found_by_words(library, "fares to Skarra") == [expected]
    assert found_by_vector(library, "fare to Skarra January operator") == expected
    library.close()


def test_the_same_article_added_twice_is_once_in_the_library(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    embedded = library.embedder.embedded  # type: ignore[attr-defined]
    (again, copy) = add_texts(library, tmp_path / "in", {"ferry.txt": FERRY, "copy.txt": FERRY})
    assert (again.status, copy.status) == ("unchanged", "unchanged")
    assert library.facts().articles == 1
    assert library.embedder.embedded == embedded, "nothing is embedded again"  # type: ignore[attr-defined]


def test_two_copies_added_at_once_are_one_article(library: Library, tmp_path: Path) -> None:
    reports = add_texts(library, tmp_path / "in", {"a.txt": FERRY, "b.txt": FERRY})
    assert [report.status for report in reports] == ["added", "unchanged"]


def test_an_edited_file_replaces_its_article_and_keeps_its_id(library: Library, tmp_path: Path) -> None:
    (first,) = add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    (second,) = add_texts(library, tmp_path / "in", {"ferry.txt": FERRY.replace("five", "six")})
    assert first.article and second.article
    assert (second.status, second.article.id) == ("updated", first.article.id)
    assert found_by_words(library, "five dollars fare") == [only_article(library).text]
    assert "six" in only_article(library).text
    # The first content under another name is another article with an id of its own.
    (third,) = add_texts(library, tmp_path / "in", {"old.txt": FERRY})
    assert (
        third.article
        and third.article.id.startswith(first.article.id)
        and third.article.id != first.article.id
    )
    assert check(library) == []


def test_editing_one_of_two_copies_keeps_the_other(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path / "in", {"a.txt": FERRY, "b.txt": FERRY})
    add_texts(library, tmp_path / "in", {"a.txt": FERRY.replace("five", "six"), "b.txt": FERRY})
    assert contents(library) == {"a.txt": "six", "b.txt": "five"}


def test_a_file_that_becomes_a_copy_leaves_no_old_text_behind(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path / "in", {"a.txt": FERRY, "b.txt": FERRY.replace("five", "six")})
    (report,) = add_texts(library, tmp_path / "in", {"b.txt": FERRY})
    assert report.status == "unchanged"
    assert contents(library) == {"a.txt": "five"}


def test_two_files_that_swap_their_contents_are_both_right(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path / "in", {"a.txt": FERRY, "b.txt": FERRY.replace("five", "six")})
    add_texts(library, tmp_path / "in", {"a.txt": FERRY.replace("five", "six"), "b.txt": FERRY})
    assert contents(library) == {"a.txt": "six", "b.txt": "five"}


def test_a_file_that_was_moved_and_then_edited_is_still_one_article(library: Library, tmp_path: Path) -> None:
    (first,) = add_texts(library, tmp_path / "in", {"a.txt": FERRY})
    (tmp_path / "in" / "a.txt").unlink()
    add_texts(library, tmp_path / "in", {"b.txt": FERRY})
    (last,) = add_texts(library, tmp_path / "in", {"b.txt": FERRY.replace("five", "six")})
    assert first.article and last.article
    assert (last.status, last.article.id) == ("updated", first.article.id)
    assert contents(library) == {"b.txt": "six"}


def contents(library: Library) -> dict[str, str]:
    """The price that each article names, by the file it was read from; the library is sound."""
    assert check(library) == []
    return {
        Path(article.path or "").name: "six" if "six" in article.text else "five"
        for article in library.articles()
    }


def test_an_article_is_never_cut_by_the_offsets_of_its_earlier_version(
    library: Library, tmp_path: Path
) -> None:
    """Threads ask while another corrects the article: what they find is always a whole sentence of it."""
    short, long = FERRY, "Ferry fares rise\n\n" + "The ferry company said much about its fare. " * 9
    add_texts(library, tmp_path / "in", {"a.txt": short})
    wrong: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            for scored in library.search_words("ferry fare", 5):
                chunk, text = scored.chunk, scored.article.text
                if text[chunk.start : chunk.end] != chunk.text or not chunk.text.endswith("."):
                    wrong.append(chunk.text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        for text in (long, short):
            add_texts(library, tmp_path / "in", {"a.txt": text})
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_articles_can_be_added_from_several_threads(library: Library, tmp_path: Path) -> None:
    texts = [{f"{n}.txt": FERRY.replace("five", f"{n}")} for n in range(2, 14)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda text: add_texts(library, tmp_path / "in", text), texts))
    assert library.facts().articles == 12
    assert check(library) == []


def test_a_library_that_is_closed_says_so(library: Library) -> None:
    library.close()
    library.close()
    with pytest.raises(LibraryError, match="is closed"):
        library.facts()


def test_closing_twice_leaves_the_next_owner_alone(library: Library) -> None:
    library.close()
    with Library(library.folder, library.embedder) as other:
        library.close()
        assert (other.folder / "owner.json").exists()


def test_a_folder_that_cannot_be_made_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(LibraryError, match="cannot be made.*\n.*--data"):
            Library(folder, WordEmbedder(), create=True)


def test_a_failed_opening_leaves_no_file_open(library: Library) -> None:
    library.close()
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(LibraryMismatch):
            Library(library.folder, WordEmbedder("other"))
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_terms_stay_rare_or_common_when_articles_are_removed(library: Library, tmp_path: Path) -> None:
    reports = add_texts(
        library, tmp_path / "in", {f"{n}.txt": FERRY.replace("five", f"{n}") for n in range(20)}
    )
    for report in reports[1:]:
        assert report.article
        library.remove(report.article.id)
    assert library.term_weights(["fare"])["fare"] > 0


def test_a_word_that_no_article_has_is_near_to_one_that_some_have(library: Library, tmp_path: Path) -> None:
    add_texts(
        library, tmp_path / "in", {"a.txt": "Hezbollah\n\nHezbollah and the Houthis met José Núñez in Aden."}
    )
    assert library.spellings("Hizbullah") == ["Hezbollah"]
    assert library.spellings("houthees") == ["Houthis"]
    assert library.spellings("Nunes") == ["Núñez"]
    for as_it_stands in ("hezbollah", "HOUTHI", "Nunez", "meeting"):
        assert library.spellings(as_it_stands) == []
    for too_far in ("Odin", "Hezb", "it", "", "x" * 5_000):
        assert library.spellings(too_far) == []


def test_the_near_word_is_looked_for_where_the_rest_of_the_question_is(
    library: Library, tmp_path: Path
) -> None:
    texts = {f"{n}.txt": f"Report {n}\n\nIsrael said on day {n} that it knew nothing." for n in range(40)}
    add_texts(library, tmp_path / "in", texts | {"h.txt": "Killed\n\nIsmail Haniyeh was killed in Tehran."})
    assert library.spellings("Ismael", "Who killed Ismael Haniyeh?") == ["Israel", "Ismail"]


def test_repair_needs_not_open_the_damaged_indexes(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    library.close()
    for file in (library.folder / "indexes-0").rglob("*"):
        if file.is_file():
            file.write_bytes(b"not what was here")
    with Library(library.folder, WordEmbedder(), rebuild=True) as opened:
        assert repair(opened) == []
        assert len(found_by_words(opened, "Skarra")) == 1


def test_a_removed_article_is_found_nowhere(library: Library, tmp_path: Path) -> None:
    ferry, _ = add_texts(library, tmp_path / "in", {"ferry.txt": FERRY, "flood.txt": FLOOD})
    assert ferry.article
    library.remove(ferry.article.id)
    assert found_by_words(library, "Skarra fare") == []
    assert "Tamsin" in found_by_vector(library, "fare to Skarra")
    with pytest.raises(UnknownArticle, match=ferry.article.id):
        library.article(ferry.article.id)
    with pytest.raises(UnknownArticle):
        library.remove(ferry.article.id)
    assert check(library) == []


def test_an_article_that_cannot_be_stored_leaves_nothing_behind(library: Library) -> None:
    good = Article(text="It rained.", path="/good")
    with pytest.raises(ValueError, match="0 chunks but 1 vectors"):
        library.add([Prepared(good, [], np.ones((1, 64), np.float32))])
    assert library.facts().articles == 0


def test_one_unreadable_file_does_not_stop_the_others(library: Library, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "broken.txt").write_bytes(b"\x00\x01\x02" * 100)
    (tmp_path / "in" / "empty.txt").write_text("")
    (tmp_path / "in" / "ferry.txt").write_text(FERRY)
    (tmp_path / "in" / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "in" / os.fsdecode(b"\xff.txt")).write_text(FLOOD)
    reports = list(add_articles(library, sorted((tmp_path / "in").iterdir())))
    assert [report.status for report in reports].count("failed") == 4
    assert [report.article.headline for report in reports if report.article] == ["Ferry fares rise"]
    assert all(report.reason for report in reports if report.status == "failed")


def test_the_facts_say_what_is_in_the_library(library: Library, tmp_path: Path) -> None:
    dated = "---\nheadline: {}\noutlet: The Harbour Post\npublished: {}\n---\nIt rained in {}.\n"
    texts = {f"{day}.md": dated.format(day, day, day) for day in ("2023-11-15", "2023-10-07")}
    add_texts(library, tmp_path / "in", {**texts, "ferry.txt": FERRY})
    facts = library.facts()
    assert (facts.articles, facts.outlets) == (3, ("The Harbour Post",))
    assert [str(facts.earliest), str(facts.latest)] == ["2023-10-07", "2023-11-15"]
    assert [article.headline for article in library.articles()] == [
        "2023-11-15",
        "2023-10-07",
        "Ferry fares rise",
    ]


def test_there_is_no_library_until_articles_are_added(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="There is no library in .*\n.*python -m index add"):
        Library(tmp_path / "nothing", WordEmbedder())
    assert not (tmp_path / "nothing").exists()


def test_another_embedding_model_is_an_error_that_names_the_right_one(library: Library) -> None:
    library.close()
    with pytest.raises(
        LibraryMismatch, match="made with the embedding model 'words'.*\n.*EMBEDDING_MODEL=words"
    ):
        Library(library.folder, WordEmbedder("other"))


def test_a_second_owner_is_told_who_the_first_is(library: Library) -> None:
    with pytest.raises(LibraryInUse, match=r"in use by process \d+ \(.*\), since "):
        Library(library.folder, library.embedder)
    open_again(library).close()


def test_a_killed_owner_leaves_the_library_free(library: Library) -> None:
    library.close()
    program = (
        "import sys, pathlib, index.library, tests.fakes\n"
        "library = index.library.Library(pathlib.Path(sys.argv[1]), tests.fakes.WordEmbedder())\n"
        "print('owned', flush=True)\n"
        "sys.stdin.read()"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program, library.folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with owner:
        assert owner.stdout and owner.stdout.readline() == b"owned\n"
        with pytest.raises(LibraryInUse, match=f"process {owner.pid} "):
            Library(library.folder, library.embedder)
        owner.kill()
    Library(library.folder, library.embedder).close()


def test_a_change_that_never_reached_the_indexes_reaches_them_at_opening(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ferry,) = add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    assert ferry.article
    with monkeypatch.context() as killed:  # as if killed right after the store's commit
        killed.setattr(Library, "_follow", lambda self: None)
        add_texts(library, tmp_path / "in", {"flood.txt": FLOOD})
        library.remove(ferry.article.id)
    library = open_again(library)
    assert found_by_words(library, "fare Skarra homes") == [only_article(library).text]
    assert check(library) == []
    library.close()


@pytest.mark.parametrize("lost", ["tantivy", "chroma"])
def test_a_lost_index_is_made_again_at_opening_without_embedding(
    library: Library, tmp_path: Path, lost: str
) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY, "flood.txt": FLOOD})
    library.close()
    shutil.rmtree(library.folder / "indexes-0" / lost)
    embedder = WordEmbedder()
    with Library(library.folder, embedder) as opened:
        assert check(opened) == []
        assert embedder.embedded == 0
        assert len(found_by_words(opened, "Skarra")) == 1


@pytest.mark.parametrize("pattern", ["tantivy/meta.json", "chroma/chroma.sqlite3"])
def test_a_damaged_index_is_made_again_at_opening(library: Library, tmp_path: Path, pattern: str) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    library.close()
    (library.folder / "indexes-0" / pattern).write_bytes(b"not what was here" * 100)
    with Library(library.folder, WordEmbedder()) as opened:
        assert check(opened) == []


def test_a_damaged_store_is_named_and_left_alone(library: Library) -> None:
    library.close()
    (library.folder / FILE_NAME).write_bytes(b"not a database" * 1_000)
    with pytest.raises(LibraryDamaged, match="damaged or not a library"):
        Library(library.folder, library.embedder)


def test_a_library_of_a_newer_dateline_is_not_touched(library: Library) -> None:
    library.close()
    with sqlite3.connect(library.folder / FILE_NAME) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LibraryMismatch, match="newer Dateline"):
        Library(library.folder, library.embedder)


def tamper(library: Library, *statements: str) -> Library:
    """The library opened again after its file was changed behind its back."""
    library.close()
    db = sqlite3.connect(library.folder / FILE_NAME)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()
    return Library(library.folder, library.embedder)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM vectors", "1 chunks have no usable vector"),
        ("UPDATE vectors SET vector = zeroblob(12)", "1 chunks have no usable vector"),
        ("UPDATE vectors SET vector = zeroblob(length(vector))", "1 chunks have no usable vector"),
    ],
)
def test_repair_embeds_again_what_has_lost_its_vector(
    library: Library, tmp_path: Path, statement: str, problem: str
) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    library = tamper(library, statement)
    assert problem in [found.what for found in check(library)]
    assert repair(library) == []
    assert "Skarra" in found_by_vector(library, "fare")
    library.close()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE articles SET text = 'It snowed.'", "is not what was added"),
        ('UPDATE chunks SET "end" = 99999', "lies outside of its text"),
        ("UPDATE chunks SET sentences = '[]'", "lies outside of its text"),
        ("DELETE FROM chunks", "has no chunks"),
    ],
)
def test_check_finds_texts_that_do_not_belong_together(
    library: Library, tmp_path: Path, statement: str, problem: str
) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    library = tamper(library, statement)
    assert any(problem in found.what and not found.repairable for found in check(library))
    library.close()


def test_a_reader_needs_not_own_the_library(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    store = Store(library.folder, read_only=True)
    assert [article.headline for article in store.articles()] == ["Ferry fares rise"]
    store.close()


def test_words_are_found_in_any_form_and_operators_are_only_words(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY})
    for query in ("RISING fares", 'fares" OR (', "NOT fares AND text:*", "fares~2^9 [a TO b]"):
        assert len(found_by_words(library, query)) == 1, query
    assert found_by_words(library, "?!") == []
    assert found_by_words(library, "what is the") == []


def test_rare_terms_weigh_more_than_common_ones(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path / "in", {"ferry.txt": FERRY, "flood.txt": FLOOD + " Fares rise."})
    weights = library.term_weights(["fare", "skarra", "hotel"])
    assert weights["hotel"] > weights["skarra"] > weights["fare"] > 0


def test_the_owner_note_is_gone_when_the_library_is_closed(library: Library) -> None:
    note = library.folder / "owner.json"
    assert json.loads(note.read_text())["pid"]
    library.close()
    assert not note.exists()
