"""Commands for the shared database: db import, export, check; and db own for the bureau's own layers."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gzmap.checks import check_atlas, dump_project
from gzmap.cli.edge import Refusal, as_json, print_json, require_root
from gzmap.config import PLAN_DIR
from gzmap.errors import CatalogError
from gzmap.own import OwnLayer, build_layer
from gzmap.own.identity import OWN_ID
from gzmap.sites import read_layers

if TYPE_CHECKING:
    from gzmap.database import Engine

URL_VARIABLE = "GZMAP_DATABASE_URL"
HEALED = ("format", "catalog-stale")
"""Findings that an import heals: what it writes is canonical, and counted anew."""

STORED_FEATURES = 5_000_000
"""Most features of a layer; a file with more does not fit the memory of a desk."""


@click.group("db")
def database() -> None:
    """Keep the map in a shared PostgreSQL database.

    GZMAP_DATABASE_URL says which: postgresql://user:password@host:5432/name. The database needs PostGIS.
    """


@contextmanager
def _open(url: str, *, unlimited: bool = False) -> Iterator[Engine]:
    """Open the database; ``unlimited`` for imports, which may take long."""
    # Imported here: what speaks to databases takes a while to load, and most commands need none.
    from gzmap.database import open_engine  # noqa: PLC0415

    engine = open_engine(url, **({"answer_ms": 0} if unlimited else {}))
    try:
        yield engine
    finally:
        engine.dispose()


def _take_url(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str:
    if not (value or "").strip():
        hint = f"set {URL_VARIABLE}=postgresql://user:password@host:5432/name"
        raise click.BadParameter(f"no database is named; {hint}", ctx, parameter)
    return value


url_option = click.option(
    "--url",
    envvar=URL_VARIABLE,
    callback=_take_url,
    metavar="URL",
    help=f"Address of the database (or {URL_VARIABLE}, which hides a password from other users of the machine).",
)


@database.command("import")
@url_option
@click.option("--app", "apps", multiple=True, metavar="ROLE", help="Role that servers log in as: it may read, only.")
@click.option("--expect", type=int, metavar="N", help="Refuse unless the database is at this version.")
@as_json
@click.pass_context
def import_files(ctx: click.Context, *, url: str, apps: tuple[str, ...], expect: int | None, is_json: bool) -> None:
    """Put the project's files into the database, in one transaction.

    Files with errors are refused, as `gzmap check` tells them; exit 1 then.
    """
    from gzmap.database import grant_app, import_project  # noqa: PLC0415 - as above

    root = require_root(ctx)
    wrong = [f for f in check_atlas(root) if f.severity == "error" and f.code not in HEALED]
    if wrong:
        for finding in wrong:
            click.echo(f"{finding.severity} {finding.code}  {finding}", err=True)
        raise Refusal(f"没有导入：{len(wrong)} errors; correct them first, see `gzmap check`.", 1)
    with _open(url, unlimited=True) as engine:
        version = import_project(engine, gather_project(root), expected=expect)
        for role in apps:
            grant_app(engine, role)
    _tell({"version": version, "apps": list(apps)}, f"已导入；数据库现在是版本 {version}", is_json)


def gather_project(root: Path) -> dict[str, bytes]:
    """Gather a project's files as the database takes them."""
    given = [path for path in sorted((root / PLAN_DIR).iterdir()) if path.is_file() and not path.name.startswith(".")]
    texts = {path.relative_to(root).as_posix(): path.read_bytes() for path in given}
    return texts | {path.as_posix(): text.encode() for path, text in dump_project(root).items()}


def _tell(content: Mapping, line: str, is_json: bool) -> None:
    if is_json:
        print_json(content)
    else:
        click.echo(line)


@database.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@url_option
@as_json
def export_files(*, folder: Path, url: str, is_json: bool) -> None:
    """Write the database's data into DIR as files: the same bytes as `gzmap format`.

    A new DIR is there whole or not at all. In an existing one, files that differ are replaced, each as a whole; others
    are left alone.
    """
    from gzmap.database import export_project, read_project  # noqa: PLC0415 - as above

    with _open(url) as engine:
        snapshot = read_project(engine)
    written = export_project(snapshot, folder)
    told = {"version": snapshot.version, "written": [path.as_posix() for path in written]}
    _tell(told, f"版本 {snapshot.version}：写入 {len(written)} 个文件 → {folder}", is_json)


@database.command("check")
@url_option
@as_json
@click.pass_context
def check_store(ctx: click.Context, *, url: str, is_json: bool) -> None:
    """Check the database and the data in it, as `gzmap check` does files; exit 1 if there is an error."""
    from gzmap.database import check_database, export_project, read_project  # noqa: PLC0415 - as above

    with _open(url) as engine, tempfile.TemporaryDirectory(prefix="gzmap-") as name:
        found = [*check_database(engine)]
        export_project(read_project(engine), Path(name) / "project")
        found += check_atlas(Path(name) / "project")
    for one in found:
        _tell(dataclasses.asdict(one), f"{one.severity} {one.code}  {one}", is_json)
    errors = sum(one.severity == "error" for one in found)
    if not is_json:
        click.echo(f"{errors} errors, {len(found) - errors} warnings" if found else "数据库检查通过，没有发现问题")
    ctx.exit(1 if errors else 0)


@database.group("own")
def own() -> None:
    """Keep the bureau's own layers (本单位图层) in the database, each for the roles that may read it."""


@own.command("list")
@url_option
@as_json
def list_layers(*, url: str, is_json: bool) -> None:
    """List the own layers that this role may read."""
    from gzmap.database import list_own  # noqa: PLC0415 - as above

    with _open(url) as engine:
        titles = list_own(engine)
    for title in titles:
        line = f"{title.layer_id}  {title.title}  {title.count}  {'、'.join(title.readers)}"
        _tell(dataclasses.asdict(title), line, is_json)
    if not titles and not is_json:
        click.echo("没有可读的本单位图层")


@own.command("add")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--id", "layer_id", required=True, metavar="own.NAME", help="Its id: own. and letters, figures, _.")
@click.option("--title", default="", metavar="名", help="Its title; the file's name when left out.")
@click.option("--layer", "wanted", default="", metavar="NAME", help="Layer of FILE, where it holds several.")
@click.option("--reader", "readers", multiple=True, metavar="ROLE", help="Role that may read it; none: the owner only.")
@url_option
@as_json
def add_layer(*, file: Path, url: str, readers: tuple[str, ...], is_json: bool, **named: str) -> None:
    """Put a layer of FILE into the database, in place of one with the same id.

    FILE is a Shapefile, GeoPackage, File Geodatabase or GeoJSON.
    """
    from gzmap.database import import_own  # noqa: PLC0415 - as above

    layer = _read_own(file, **named)
    with _open(url, unlimited=True) as engine:
        import_own(engine, layer, readers=readers)
    told = {"layer_id": layer.layer_id, "title": layer.title, "count": len(layer.frame), "readers": list(readers)}
    _tell(told, f"已存入 {layer.layer_id}（{layer.title}）：{len(layer.frame)} 个要素", is_json)


def _read_own(file: Path, *, layer_id: str, title: str, wanted: str) -> OwnLayer:
    if not OWN_ID.fullmatch(layer_id):
        raise click.BadParameter(f"{layer_id!r} is no id; write own. and at most 40 of a-z, 0-9, _.")
    layers = {layer.name: layer for layer in read_layers(file, most=STORED_FEATURES)}
    if not wanted and len(layers) > 1:
        raise click.BadParameter(f"{file.name} holds {', '.join(layers)}; choose one with --layer.")
    if wanted and wanted not in layers:
        raise CatalogError(f"{file.name} has no layer {wanted!r}; it holds {', '.join(layers)}.")
    chosen = layers[wanted] if wanted else next(iter(layers.values()))
    built = build_layer(chosen, file.name)
    return dataclasses.replace(built, layer_id=layer_id, title=title or chosen.name or file.stem)


@own.command("readers")
@click.argument("layer_id", metavar="ID")
@click.argument("readers", nargs=-1, metavar="ROLE...")
@url_option
@as_json
def change_readers(*, layer_id: str, readers: tuple[str, ...], url: str, is_json: bool) -> None:
    """Say which ROLEs may read an own layer, in place of those who could; with none only the owner may."""
    from gzmap.database import set_readers  # noqa: PLC0415 - as above

    with _open(url) as engine:
        set_readers(engine, layer_id, readers)
    _tell({"layer_id": layer_id, "readers": list(readers)}, f"{layer_id}：{'、'.join(readers) or '仅所有者'}", is_json)


@own.command("drop")
@click.argument("layer_id", metavar="ID")
@url_option
@as_json
def drop_layer(*, layer_id: str, url: str, is_json: bool) -> None:
    """Take an own layer out of the database."""
    from gzmap.database import drop_own  # noqa: PLC0415 - as above

    with _open(url) as engine:
        drop_own(engine, layer_id)
    _tell({"layer_id": layer_id}, f"已删除 {layer_id}", is_json)
