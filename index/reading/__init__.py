"""From article files to Article values.

`find_files` says which files, `read` gives the articles of one. A format is one entry of `READERS`.

    files ── walks folders, guards a file, finds its reader
      decoding ── bytes to tidy characters
      text, markdown ── one format each, to paragraphs
        paragraphs, clutter, shapes ── what is a paragraph, and which are not the story
      front_matter, keys ── what is stated as metadata
      story ── paragraphs to Article: takes what head and tail state
        fact_lines, dates, bylines, agencies ── what one line states
"""

from __future__ import annotations

from index.reading.files import READERS, find_files, read
from index.reading.markdown import read_markdown
from index.reading.text import read_text

__all__ = ["READERS", "find_files", "read", "read_markdown", "read_text"]
