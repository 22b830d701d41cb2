"""The edge itself: the project folder, the one table of exit codes, output that survives any locale."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import click

from gzmap import __version__
from gzmap.atlas import find_root
from gzmap.config import CATALOG_FILE
from gzmap.errors import CatalogError, GzmapError, NotFoundError

EXIT_CODES: tuple[tuple[type[Exception], int], ...] = ((NotFoundError, 3), (GzmapError, 2), (OSError, 2))
"""Exit code of each error; the first that fits counts."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL = ("make room on the disk and run it again", "请在磁盘上腾出空间后再次运行")
OTHER_PATH = ("choose another path or correct its permissions", "请换一个路径，或改正它的权限")

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON lines.")


class Refusal(click.ClickException):
    """An error told in one line on standard error, with its exit code."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code

    def show(self, file: IO | None = None) -> None:
        """Tell it, in Chinese where the locale is."""
        if is_chinese():
            click.echo(f"错误：{self.message}", file=file, err=file is None)
        else:
            super().show(file)


def is_chinese() -> bool:
    """Tell whether the locale of messages is Chinese, by the variables of POSIX in their order."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, named), "").lower().startswith("zh")


class Edge(click.Group):
    """The group of commands: it turns errors into exit codes, in the order people read in the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """List the commands as they were added."""
        return list(self.commands)

    def main(self, *args: object, **kwargs: object) -> object:
        """Run, writing UTF-8 whatever the locale says: names are Chinese."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command and tell its errors by `EXIT_CODES`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader has had enough, as with `| head`; click ends quietly on this.
            raise
        except tuple(kind for kind, _ in EXIT_CODES) as error:
            code = next(code for kind, code in EXIT_CODES if isinstance(error, kind))
            raise Refusal(describe(error), code) from error


def describe(error: Exception) -> str:
    """Tell an error in the language of the locale; English where it has no Chinese words."""
    if isinstance(error, OSError) and error.filename is not None:
        remedy, remedy_zh = FULL if error.errno in NO_ROOM else OTHER_PATH
        if is_chinese():
            return f"{error.filename}：{error.strerror}；{remedy_zh}。"
        return f"{error.filename}: {error.strerror}; {remedy}."
    return (getattr(error, "zh", "") if is_chinese() else "") or str(error)


@click.group(cls=Edge, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--root", envvar="GZMAP_ROOT", type=click.Path(path_type=Path), help="Project folder (or GZMAP_ROOT).")
@click.version_option(__version__, prog_name="gzmap")
@click.pass_context
def main(ctx: click.Context, root: Path | None) -> None:
    """Read, check and serve the map of the Beautiful Guangzhou plan (美丽广州建设规划纲要)."""
    ctx.obj = root


def require_root(ctx: click.Context) -> Path:
    """Return the project folder of this call.

    Raises
    ------
    CatalogError
        If the named folder, or else the working directory and its parents, hold no catalogue.
    """
    if ctx.obj is None:
        return find_root(Path.cwd())
    root = ctx.obj.resolve()
    if not (root / CATALOG_FILE).is_file():
        raise CatalogError(f"{root} has no {CATALOG_FILE.as_posix()}; name a gzmap project with --root or GZMAP_ROOT.")
    return root


def require_data(ctx: click.Context) -> Path:
    """Return a project folder with the data to answer from: what the shared database holds, where one is named.

    Raises
    ------
    DatabaseError
        If ``GZMAP_DATABASE_URL`` names a database that cannot be read.
    CatalogError
        As `require_root`.
    """
    if not os.environ.get("GZMAP_DATABASE_URL", "").strip():
        return require_root(ctx)
    # Imported here: what speaks to databases takes a while to load, and most projects are files.
    from gzmap.database import fetch, parse_settings  # noqa: PLC0415

    return fetch(parse_settings(os.environ))


def print_json(content: Mapping) -> None:
    """Print one object as one line."""
    click.echo(json.dumps(content, ensure_ascii=False))
