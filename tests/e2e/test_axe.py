"""No page has a serious or critical fault that axe-core finds, on a desk and on a telephone, in both languages."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.axe_known import KNOWN
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE
from tests.e2e.visit import Visit

GRAVE = ("serious", "critical")
DESK = {"viewport": {"width": 1400, "height": 860}}
SIZES = {"desk": DESK, "phone": PHONE}
PATHS = {
    "map": "/",
    "card": "/?feature=waterways.w003",
    "results": "/?q=湿地",
    "text": "/text?para=chp_3__sec_1__para_1",
    "mine": "/mine?district=黄埔区",
    "districts": "/districts?district=黄埔区",
    "list": "/list",
    "query": "/query",
    "download": "/download",
    "print": "/print?view=11/23.12/113.35",
    "ledger": "/ledger",
    "data": "/data",
    "help": "/help",
}
STATEFUL = {"english": "/?lang=en&feature=waterways.w003", "english help": "/help?lang=en"}
TOOLS = ("twin", "legend", "measure", "coords", "share")


def find_faults(one: Visit) -> list[str]:
    """Grave faults that are not Streamlit's own, each with the rule and the element."""
    found = Axe().run(one.page, options={"resultTypes": ["violations"], "iframes": False}).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
        if not any(part in node["html"] for part in KNOWN.get(fault["id"], ()))
    ]


def wait_for_tools(one: Visit) -> None:
    one.page.wait_for_function("() => window.__gz.state.maptools && window.__gz.state.root.querySelector('.gz-strip')")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PATHS)
def test_a_page_has_no_grave_fault(shipped: Server, visit: Visiting, name: str, size: str) -> None:
    one = visit(shipped, PATHS[name], **SIZES[size])
    if PATHS[name].startswith("/?") or name == "map":
        wait_for_tools(one)
    assert find_faults(one) == []


@pytest.mark.parametrize("name", STATEFUL)
def test_an_english_page_has_no_grave_fault(shipped: Server, visit: Visiting, name: str) -> None:
    one = visit(shipped, STATEFUL[name], **DESK)
    assert one.page.evaluate("() => document.documentElement.lang") == "en"
    assert find_faults(one) == []


@pytest.mark.parametrize("size", SIZES)
def test_no_tool_on_the_map_has_a_grave_fault(shipped: Server, visit: Visiting, size: str) -> None:
    one = visit(shipped, "/", **SIZES[size])
    wait_for_tools(one)
    found = {}
    for tool in TOOLS:
        one.page.locator(f"[data-tool={tool}]").click()
        one.page.locator(f".gz-flyout .gz-{tool} > :not(link)").first.wait_for()
        one.page.wait_for_timeout(200)
        found[tool] = find_faults(one)
        one.page.locator(".gz-flyout-x").click()
    assert found == {tool: [] for tool in TOOLS}


def test_the_tour_has_no_grave_fault(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/", tour=True, **DESK)
    one.page.locator(".gz-tour").wait_for()
    assert find_faults(one) == []


def test_axe_finds_what_is_wrong(shipped: Server, visit: Visiting) -> None:
    """A picture without words, put on the page, is found: the test can fail."""
    one = visit(shipped, "/help", **DESK)
    one.page.evaluate("() => { const i = new Image(); i.src = 'data:,'; document.body.append(i); }")
    assert any(fault.startswith("image-alt") for fault in find_faults(one))
