"""Owner: only one process may own a library at a time, because two that write to Chroma lose data."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import LibraryError, LibraryInUse


class Ownership:
    """Held by the process that owns the library in a folder; the system ends it with the process."""

    def __init__(self, folder: Path) -> None:
        """LibraryInUse, naming the owner, when another process (or this one) holds it."""
        self._note = folder / "owner.json"
        # A soft lock (a file that merely exists) would outlive a kill.
        self._lock = FileLock(
            folder / "owner.lock", blocking=False, fallback_to_soft=False, thread_local=False
        )
        try:
            self._lock.acquire()
        except Timeout as error:
            raise self._in_use(folder) from error
        except (OSError, NotImplementedError) as error:
            raise LibraryError(
                f"The library in {folder} cannot be locked: {error}.",
                "Choose a folder on a local disk that you may write to, with --data or DATA_DIR.",
            ) from error
        note = {
            "pid": os.getpid(),
            "command": " ".join(sys.orig_argv),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._note.write_text(json.dumps(note), encoding="utf-8")

    def _in_use(self, folder: Path) -> LibraryInUse:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            owner = f"process {note['pid']} ({note['command']}), since {note['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            owner = "another process"
        return LibraryInUse(
            f"The library in {folder} is in use by {owner}.",
            "Wait for it or stop it, or use another library with --data.",
        )

    def release(self) -> None:
        self._note.unlink(missing_ok=True)
        self._lock.release()
