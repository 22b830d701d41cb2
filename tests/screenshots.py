"""Take the pictures of the help page and the README from the running page: ``make screenshots``.

Every picture is of the shipped project, in Chinese, 1400 and 390 pixels wide; 256 colours are enough for them.
"""

from __future__ import annotations

import io
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from tests.conftest import ROOT
from tests.e2e.conftest import FLAGS, serving
from tests.e2e.visit import Visit

FOLDER = ROOT / "docs" / "img"
DESK = {"viewport": {"width": 1400, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SIZES = {1400: DESK, 390: PHONE}
COLOURS = 256


def _open_share(one: Visit) -> None:
    one.page.locator("[data-tool=share]").click()
    one.page.wait_for_function("() => window.__gz.state.root.querySelector('.gz-qr')?.naturalWidth > 0")


def _stay(one: Visit) -> None:
    """Nothing is to be done first."""


PICTURES: dict[str, tuple[str, Callable[[Visit], None]]] = {
    "map": ("/", _stay),
    "card": ("/?feature=waterways.w003", _stay),
    "share": ("/?feature=waterways.w003", _open_share),
    "text": ("/text?para=chp_4__sec_1__para_2", _stay),
    "mine": ("/mine?district=黄埔区", _stay),
    "districts": ("/districts", _stay),
    "list": ("/list", _stay),
    "download": ("/download", _stay),
    "print": ("/print?view=11/23.12/113.35", _stay),
}
"""By name: the address, and what is done there before the picture."""


def take_picture(browser: Browser, base: str, name: str, *, width: int) -> bytes:
    """Take one picture, as PNG with a palette."""
    path, prepare = PICTURES[name]
    context = browser.new_context(locale="zh-CN", **SIZES[width])
    one = Visit(context, base).open(path)
    one.page.wait_for_function("() => window.__gz.state.data.hidden || window.__gz.state.maptools")
    one.page.wait_for_function("() => [...document.images].every((i) => i.complete || i.loading === 'lazy')")
    one.page.wait_for_function("() => document.fonts.status === 'loaded'")
    prepare(one)
    one.rest()
    # A picture of a page that failed would tell everybody so.
    expect(one.page.locator("[data-testid=stAlertContentError]")).to_have_count(0)
    if one.errors:
        raise RuntimeError(f"{path} has errors in the browser: {one.errors}")
    shot = one.page.screenshot()
    context.close()
    return shrink(shot)


def shrink(png: bytes) -> bytes:
    """Write a picture with a palette of its own colours."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, kmeans=3, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
    return out.getvalue()


@contextmanager
def browsing() -> Iterator[tuple[Browser, str]]:
    """Serve the shipped project and open a browser until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="gzmap-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        with serving(ROOT, port, Path(folder) / "server.log") as server:
            yield browser, server.base
        browser.close()


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with browsing() as (browser, base):
        for name in PICTURES:
            for width in SIZES:
                path = FOLDER / f"{name}-{width}.png"
                path.write_bytes(take_picture(browser, base, name, width=width))
                print(f"{path.relative_to(ROOT)}\t{path.stat().st_size // 1024} kB")
        print(f"Chromium {browser.version}")


if __name__ == "__main__":
    main()
