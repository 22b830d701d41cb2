"""Checks of whole files: canonical form, derived blocks, what was given to us, links that may be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from gzmap.catalog import derive, dump_layer
from gzmap.checks.content import File
from gzmap.checks.findings import Finding, build_finding
from gzmap.checks.reading import PLAN_FILE, Project
from gzmap.config import LINK_HOSTS
from gzmap.files import dump_json
from gzmap.ledger import dump_ledger
from gzmap.mentions import dump_mentions

AGAIN = "run `gzmap format`"


def check_derived(project: Project) -> Iterator[Finding]:
    """Find layers that the catalogue does not count and hash as their file is."""
    for layer in project.layers:
        stated = layer.entry.get("derived")
        if layer.is_sound and stated != (found := derive(layer.features, layer.file.text.encode())):
            wrong = [k for k, v in found.items() if not isinstance(stated, dict) or stated.get(k) != v]
            where = f"{project.catalog.path}: {layer.entry['id']}"
            said = f"derived does not fit {layer.file.path} ({', '.join(wrong) or 'further keys'})"
            yield build_finding("catalog-stale", where, said, remedy=AGAIN)


def check_format(project: Project) -> Iterator[Finding]:
    """Find files that are not in their one canonical form, in which a diff shows what changed and nothing else."""
    wanted = [(y.file, dump_layer(y.features)) for y in project.layers if y.is_sound]
    hand_kept = (project.catalog, project.sources, project.toponyms)
    wanted += [(f, dump_json(f.content)) for f in hand_kept if not f.findings]
    if not project.mentions.findings:
        wanted.append((project.mentions, dump_mentions(m for _, m in project.links)))
    if not project.ledger.findings:
        wanted.append((project.ledger, dump_ledger(line for _, line in project.lines)))
    for file, text in wanted:
        if file.text != text:
            yield build_finding("format", _first_difference(file, text), "is not in canonical form", remedy=AGAIN)


def _first_difference(file: File, wanted: str) -> str:
    """Say where a file leaves its canonical form: the first line that differs."""
    pairs = zip(file.text.split("\n"), wanted.split("\n"), strict=False)
    number = next((n for n, (is_line, want_line) in enumerate(pairs, 1) if is_line != want_line), None)
    return f"{file.path}: line {number}" if number else file.path


def check_given(project: Project) -> Iterator[Finding]:
    """Find files that are not as they were given to us, wherever a hash of one of them is recorded."""
    sources = project.sources.content.get("sources", [])
    recorded = [(project.meta.path, PLAN_FILE.as_posix(), project.meta.content.get("sha256"))]
    recorded += [(f"{project.sources.path}: {s.get('id')}", s.get("path"), s.get("sha256")) for s in sources]
    for where, path, sha256 in recorded:
        if isinstance(path, str) and isinstance(sha256, str):
            yield from _check_hash(project, where, path, sha256=sha256)


def _check_hash(project: Project, where: str, path: str, *, sha256: str) -> Iterator[Finding]:
    inside = PurePosixPath(path)
    is_ours = not inside.is_absolute() and ".." not in inside.parts and "\0" not in path
    file = project.root / inside
    remedy = "restore the file, or record the new edition with its new hash"
    if not is_ours or not file.is_file():
        yield build_finding("source-changed", where, f"the file {path!r} is not in the project", remedy=remedy)
    elif hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        yield build_finding("source-changed", where, f"{path} is not as it was given", remedy=remedy)


def check_links(project: Project) -> Iterator[Finding]:
    """Find links, which readers are shown, that do not lead to government, official press or standards."""
    for source in project.sources.content.get("sources", []):
        url = source.get("url")
        if url is not None and not (isinstance(url, str) and is_link(url)):
            where = f"{project.sources.path}: {source.get('id')}"
            remedy = "set url to null; the source is then shown by its title, as 二手来源 where its kind is secondary"
            yield build_finding("source-link", where, f"{url!r} may not be shown as a link", remedy=remedy)


def is_link(url: str) -> bool:
    """Whether an address may be shown as a link: http(s) on one of `config.LINK_HOSTS`."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    ends = tuple(f".{end.lstrip('.')}" for end in LINK_HOSTS)
    return parts.scheme in ("http", "https") and f".{host}".endswith(ends) and not parts.username
