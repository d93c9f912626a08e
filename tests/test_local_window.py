"""What the embedded model cannot hold is refused by its own count, where an estimate passes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ccw import LiteLLMExecutionOptions, execute_litellm_endpoint
from ccw.llm.local.model import CONTEXT_WINDOW

pytestmark = [pytest.mark.model, pytest.mark.slow]
TEXT = "".join(f"line {number} of the log\n" for number in range(1, 1001))
PROMPT = "@app.log What happened?"
SAYS = f"the context window of smollm2 holds {CONTEXT_WINDOW:,}"


@pytest.fixture
def shop(project: Path, local_home: Path) -> Path:
    """A project whose one file has between one and two windows of tokens."""
    (project / "app.log").write_text(TEXT)
    return project


def test_from_python(shop: Path) -> None:
    result = execute_litellm_endpoint(LiteLLMExecutionOptions(PROMPT, "local/smollm2", shop))
    assert (result.success, result.output, result.exit_code) == (False, "", 7)
    assert result.error_type == "context_window_exceeded"
    assert result.error is not None
    assert SAYS in result.error
    tokens = int(result.error.split(" tokens")[0].rpartition(" ")[2].replace(",", ""))
    assert CONTEXT_WINDOW < tokens < 2 * CONTEXT_WINDOW


def test_in_a_process(shop: Path) -> None:
    ccw = str(Path(sys.executable).with_name("ccw"))
    done = subprocess.run(
        [ccw, "cli", "-p", PROMPT, "--model", "local/smollm2"],
        cwd=shop,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, "")
    assert SAYS in done.stderr
