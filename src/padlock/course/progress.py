"""What the learner has done, in one small text file: `~/.padlock/progress.json` (or in the folder PADLOCK_HOME names).

Every change is written to a new file that then takes the old one's place, so that a crash or a full disk never leaves
half a file. What cannot be read is set aside, not overwritten.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

MARK = "padlock1:"  # an exported text starts with it
LIMIT = 100_000  # characters; a real progress text has a few hundred
EMPTY = {"version": 1, "solved": [], "answered": [], "opened": []}


class BadProgress(ValueError):
    """The text given to `restore` is not a progress text; one sentence."""


class Progress:
    """solved: exercise ids; answered: quiz questions answered right, as "slug#n"; opened: lesson slugs."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or Path(os.environ.get("PADLOCK_HOME") or Path.home() / ".padlock")
        self.path = self.folder / "progress.json"
        self.trouble = ""  # a sentence for the learner when the file could not be read or written
        self._data = self._read()

    def has(self, kind: str, item: str) -> bool:
        return item in self._data[kind]

    def add(self, kind: str, item: str) -> None:
        self._data = self._read()  # another notebook may have written since
        if item not in self._data[kind]:
            self._data[kind] = sorted([*self._data[kind], item])
            self._write()

    def remove(self, kind: str, items: list[str]) -> Path | None:
        """Takes items out; the old file is kept beside as a backup, whose path is returned."""
        self._data = self._read()
        backup = self._backup()
        self._data[kind] = [item for item in self._data[kind] if item not in items]
        self._write()
        return backup

    def export(self) -> str:
        packed = zlib.compress(json.dumps(self._data, separators=(",", ":")).encode())
        return MARK + base64.urlsafe_b64encode(packed).decode()

    def restore(self, text: str) -> tuple[int, Path | None]:
        """Adds what `text` holds to what is here; returns how many exercises are solved now, and the backup's path."""
        incoming = _unpack(text)
        self._data = self._read()
        backup = self._backup()
        for kind in ("solved", "answered", "opened"):
            self._data[kind] = sorted({*self._data[kind], *incoming[kind]})
        self._write()
        return len(self._data["solved"]), backup

    def _read(self) -> dict:
        try:
            return _valid(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            # Nothing saved yet, or the disk cannot be written: then what this kernel knows is all there is.
            return getattr(self, "_data", None) or json.loads(json.dumps(EMPTY))
        except OSError as error:
            self.trouble = (
                f"Your progress in {self.path} cannot be read ({error.strerror}); it is kept in memory only."
            )
            return getattr(self, "_data", None) or json.loads(json.dumps(EMPTY))
        except (ValueError, RecursionError):
            aside = self._backup("unreadable")
            self.trouble = (
                f"Your progress file could not be read; it was set aside as {aside} and a new one begun."
            )
            return json.loads(json.dumps(EMPTY))

    def _write(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".progress-", suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                json.dump(self._data, file, indent=1, sort_keys=True)
                file.write("\n")
            os.replace(temporary, self.path)
        except OSError as error:
            self.trouble = (
                f"Your progress cannot be saved in {self.folder} ({error.strerror}); it lasts as long as this kernel. "
                "export() gives it to you as a text."
            )

    def _backup(self, why: str = "backup") -> Path | None:
        if not self.path.exists():
            return None
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        target = self.folder / f"progress-{why}-{stamp}.json"
        try:
            target.write_bytes(self.path.read_bytes())
        except OSError:
            return None
        return target


def _valid(data: object) -> dict:
    if not isinstance(data, dict) or data.get("version") != 1:
        raise BadProgress("not a progress file of this course")
    clean = {"version": 1}
    for kind in ("solved", "answered", "opened"):
        items = data.get(kind, [])
        if not isinstance(items, list) or not all(isinstance(i, str) and len(i) < 100 for i in items):
            raise BadProgress("not a progress file of this course")
        clean[kind] = sorted(set(items))
    return clean


def _unpack(text: object) -> dict:
    expected = f'restore() takes the text that export() gave you; it begins with "{MARK}".'
    if not isinstance(text, str) or not text.strip():
        raise BadProgress(f"There is nothing to restore from. {expected}")
    # Mail programs and terminals break long lines, and people copy the sentence before it as well.
    text = MARK + "".join(text[:LIMIT].partition(MARK)[2].split()) if MARK in text[:LIMIT] else text
    if not text.startswith(MARK):
        raise BadProgress(f"This is not a progress text. {expected}")
    if len(text) > LIMIT:
        raise BadProgress(f"This text is too long to be a progress text. {expected}")
    try:
        raw = base64.urlsafe_b64decode(text[len(MARK) :])
        packed = zlib.decompressobj()
        unpacked = packed.decompress(raw, LIMIT)  # a bound, so that a small text can't fill the memory
        if not packed.eof:
            raise ValueError("its end is missing")
        return _valid(json.loads(unpacked))
    except (ValueError, zlib.error, RecursionError) as error:
        raise BadProgress(
            f"This progress text is damaged: part of it is missing or changed. {expected}"
        ) from error
