"""The static edition in a real browser: from Debian's nginx, and as one file from the disk."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

from tests.e2e.visit import LOCAL, OWN_SCHEMES, Visit


class EditionVisit(Visit):
    """A visit to a static edition: no server runs anything, so that the page rests when nothing changes."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        super().__init__(context, base)
        self.page.on("response", lambda r: r.status >= 400 and self.errors.append(f"{r.status} {r.url}"))

    def _note_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {*OWN_SCHEMES, "file"} and parts.hostname not in LOCAL:
            self.foreign.append(url)
        self.asked.append(url)

    def go(self, page: str = "", query: str = "") -> EditionVisit:
        """Open a page by the address that the edition itself would write."""
        if self.base.startswith("file:"):
            query = "&".join(filter(None, (f"page={page}" if page else "", query)))
            page = ""
        self.page.goto(f"{self.base}{page}{'?' if query else ''}{query}")
        return self.rest()

    def rest(self, quiet_ms: int = 250) -> EditionVisit:
        """Wait until the page stands and no longer changes; a map has all its layers then."""
        self.page.wait_for_function(
            """() => {
                 const stands = (selector) => document.querySelector(selector)?.childElementCount;
                 if (!stands("#gz-main .gz-linked") || !stands(".gz-header")) return false;
                 if (!stands(".st-key-gz_card")) return true;
                 return window.__gz && Object.values(window.__gz.state.layers)
                   .every((l) => l.failed || !l.url || (l.byId ? l.byId.size || l.empty : l.labels.length));
               }"""
        )
        before = None
        while before != (before := (self.page.url, self.page.evaluate("() => document.body.innerHTML.length"))):
            self.page.wait_for_timeout(quiet_ms)
        return self

    def wait_for_tools(self) -> EditionVisit:
        self.page.wait_for_function(
            "() => window.__gz?.state.maptools && window.__gz.state.root.querySelector('.gz-strip')"
        )
        return self
