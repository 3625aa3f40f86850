"""Which Python module may import which: [tool.importlinter] in pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.python.conftest import run

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def test_no_module_imports_from_a_floor_above_it() -> None:
    done = run(str(LINT_IMPORTS), "--no-cache")
    # A module without a floor is reported here, too: every contract is exhaustive.
    assert done.returncode == 0, done.stdout + done.stderr
