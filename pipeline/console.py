"""What every command prints alike: the step it is at, and paths."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from pipeline.project import ROOT


def print_step(console: Console, step: str, what: str) -> None:
    """Print which step begins."""
    console.print(f"\n[bold]{step}[/bold]  {what}")


def print_line(console: Console, text: str) -> None:
    """Print a line as it is, however long: for messages with paths, ids and numbers."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def display_path(path: Path) -> str:
    """A path on one line: from the project's root, where it is in it."""
    short = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in str(short)
    )
