"""How tests run a command: in this process, on a project of their own, whatever the locale of the machine."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from gzmap.cli import main

ENVIRONMENT = {"LC_ALL": "C.UTF-8"}
"""Errors speak the language of the locale; these tests read them in English."""


def run(project: Path, *arguments: object, **environment: str) -> Result:
    """Run ``gzmap`` on a project; an error that nothing told of fails the test."""
    command = ["--root", str(project), *map(str, arguments)]
    result = CliRunner().invoke(main, command, env={**ENVIRONMENT, **environment})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def records(result: Result) -> list[dict]:
    """The lines of JSON that a command printed."""
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]
