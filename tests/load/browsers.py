"""A few real browsers among the many: what a person waits for on the screen."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Page
from playwright.async_api import Error as BrowserError

from tests.load.people import Record, Target

PATIENCE_MS = 60_000
PAGES = ("text", "districts", "list", "ledger")


async def browse(browser: Browser, base: str, targets: Sequence[Target], record: Record, *, until: float) -> None:
    """Click, search and turn pages in one window until a time on the monotonic clock.

    Errors of the page count, and so does whatever does not appear.
    """
    context = await browser.new_context(viewport={"width": 1366, "height": 800}, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    await context.add_init_script("try { localStorage.setItem('gz-tour', '1'); } catch {}")
    page = await context.new_page()
    page.on("pageerror", lambda error: record.errors.update([f"browser: {str(error)[:120]}"]))
    chance = random.Random(Path(base).name)
    try:
        start = time.perf_counter()
        await page.goto(base)
        await page.wait_for_function("() => window.__gz?.map && document.querySelector('.gz-intro')")
        record.note("browser open", time.perf_counter() - start)
        while time.monotonic() < until:
            await _click(page, chance.choice(targets), record)
            await page.wait_for_timeout(chance.uniform(3000, 12000))
            await _search(page, chance.choice(targets), record)
            await page.wait_for_timeout(chance.uniform(3000, 12000))
            await _turn(page, chance.choice(PAGES), record)
    except BrowserError as error:
        record.errors[f"browser: {str(error)[:120]}"] += 1
    finally:
        await context.close()


async def _click(page: Page, target: Target, record: Record) -> None:
    """Move the map to a feature, click on it, and wait for the card that names it, or the choice."""
    at = [target.lon, target.lat]
    await page.evaluate("([lon, lat]) => { window.__gz.map.setView([lat, lon], 13, { animate: false }); }", at)
    await page.wait_for_timeout(500)
    before = await page.locator("[class*=st-key-gz_card]").inner_text()
    place = await page.evaluate(
        """([lon, lat]) => {
             const box = window.__gz.map.getContainer().getBoundingClientRect();
             const at = window.__gz.map.latLngToContainerPoint([lat, lon]);
             return [box.x + at.x, box.y + at.y];
           }""",
        at,
    )
    start = time.perf_counter()
    await page.mouse.click(*place)
    await page.wait_for_function(
        "(before) => document.querySelector('[class*=st-key-gz_card]').innerText !== before", arg=before
    )
    record.note("browser click", time.perf_counter() - start)


async def _search(page: Page, target: Target, record: Record) -> None:
    box = page.locator(".gz-search input")
    await box.fill(target.name)
    start = time.perf_counter()
    await box.press("Enter")
    await page.wait_for_function(
        "(name) => document.querySelector('.gz-results h2')?.innerText.includes(name)", arg=target.name
    )
    record.note("browser search", time.perf_counter() - start)


async def _turn(page: Page, name: str, record: Record) -> None:
    start = time.perf_counter()
    await page.locator(f".gz-header a[href='./{name}']").first.click()
    await page.wait_for_url(f"**/{name}*")
    await page.wait_for_selector("[class*=st-key-gz_page]")
    record.note("browser page", time.perf_counter() - start)
    await page.locator(".gz-header a[href='./']").first.click()
    await page.wait_for_selector("[class*=st-key-gz_card]")
