"""The page 清单 in the browser."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from gzmap.atlas import Atlas
from gzmap.cli import main
from gzmap.query import Filters, list_claims
from gzmap.ui.inventory import PAGE_ROWS
from tests.conftest import ROOT
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.e2e.visit import Visit


def listed(one: Visit) -> list[str]:
    return one.page.locator(".gz-claims tbody th small").all_text_contents()


def ids(atlas: Atlas, *order: str, **wanted: object) -> list[str]:
    return [c.feature_id for c in list_claims(atlas, filters=Filters(**wanted), order=order)]


def choose(one: Visit, facet: str, *values: str) -> None:
    box = one.page.locator(".gz-facet").filter(has=one.page.locator("summary", has_text=facet)).first
    if not box.evaluate("(e) => e.open"):
        box.locator("summary").click()
    for value in values:
        box.get_by_role("link", name=value).first.click()
        one.rest()


def test_choices_narrow_the_list_and_stay_open_for_more(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/list")
    assert listed(one) == ids(atlas)[:PAGE_ROWS]
    choose(one, "主题", "生态网络", "亲水与慢行")
    assert one.query()["theme"] == "ecology,waterside"
    assert listed(one) == ids(atlas, themes=("ecology", "waterside"))[:PAGE_ROWS]
    choose(one, "状态", "纲要提出")
    wanted = ids(atlas, themes=("ecology", "waterside"), statuses=("proposed",))
    assert listed(one) == wanted[:PAGE_ROWS]
    expect(one.page.locator(".gz-inventory .gz-count")).to_contain_text(f"{len(wanted)} 行，{len(set(wanted))} 个要素")
    # Only one list stands open at a time.
    assert one.page.locator(".gz-facet[open]").count() == 1
    one.page.locator(".gz-chosen").get_by_role("link", name="生态网络").click()
    one.rest()
    assert listed(one) == ids(atlas, themes=("waterside",), statuses=("proposed",))[:PAGE_ROWS]
    one.page.locator(".gz-chosen").get_by_role("link", name="全部取消").click()
    one.rest()
    assert one.query() == {}
    assert listed(one) == ids(atlas)[:PAGE_ROWS]


def test_words_are_looked_for_among_what_is_chosen(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/list?located=no")
    box = one.page.locator(".gz-find input[name=text]")
    box.fill("碧道")
    box.press("Enter")
    one.rest()
    assert one.query() == {"located": "no", "text": "碧道"}
    assert listed(one) == ids(atlas, located=False, text="碧道")[:PAGE_ROWS]
    expect(one.page.locator(".gz-find input[name=text]")).to_have_value("碧道")
    box.fill("没有这个zzqq")
    one.page.locator(".gz-find button").click()
    one.rest()
    expect(one.page.locator(".gz-nothing")).to_be_visible()


def test_a_click_on_a_head_sorts_and_says_so(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/list")
    head = one.page.locator("th.gz-c-name")
    for state, order in (("ascending", ["name"]), ("descending", ["-name"]), ("none", [])):
        head.get_by_role("link").click()
        one.rest()
        expect(head).to_have_attribute("aria-sort", state)
        assert listed(one) == ids(atlas, *order)[:PAGE_ROWS]
        expect(head.get_by_role("link")).to_be_focused()
    one.page.locator("th.gz-c-accuracy_m a").focus()
    one.page.keyboard.press("Enter")
    one.rest()
    assert listed(one) == ids(atlas, "accuracy_m")[:PAGE_ROWS]


def test_parts_lead_through_all_rows(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/list?sort=name")
    seen = listed(one)
    parts = one.page.locator(".gz-parts a").count()
    for number in range(2, parts + 1):
        one.page.locator(".gz-parts a", has_text=str(number)).click()
        one.rest()
        assert one.query()["part"] == str(number)
        seen += listed(one)
    assert seen == ids(atlas, "name")
    choose(one, "状态", "现状")
    assert "part" not in one.query()


def test_a_row_leads_to_the_map_and_to_the_text(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/list?layer=waterways&role=evidence&located=yes")
    claim = list_claims(atlas, filters=Filters(layers=("waterways",), roles=("evidence",), located=True))[0]
    row = one.page.locator(".gz-claims tbody tr").first
    expect(row.locator("mark")).to_have_text(claim.exact)
    row.locator("th a").click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", claim.feature_id)
    assert one.is_on_map("waterways")
    one.turn_to("清单")
    assert one.query()["layer"] == "waterways"
    one.page.locator(".gz-claims tbody tr").first.locator("td small a").click()
    one.rest()
    expect(one.page.locator(f"#{claim.para_id}")).to_be_in_viewport()


@pytest.mark.parametrize("suffix", ["XLSX", "CSV"])
def test_what_is_filtered_is_taken_away(shipped: Server, visit: Visiting, tmp_path: Path, suffix: str) -> None:
    one = visit(shipped, "/list?theme=ecology&sort=-name&part=2")
    with one.page.expect_download() as caught:
        one.page.locator(".gz-files").get_by_role("link", name=suffix).click()
    path = tmp_path / f"i.{suffix.lower()}"
    words = ["--root", str(ROOT), "inventory", "--theme", "ecology", "--sort", "-name", "-o", str(path)]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert Path(caught.value.path()).read_bytes() == path.read_bytes()
    assert "清单" in caught.value.suggested_filename


def test_an_address_that_makes_no_sense_is_told(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/list?theme=ecology,nonsense&sort=size")
    assert listed(one) == ids(atlas, themes=("ecology",))[:PAGE_ROWS]
    expect(one.page.get_by_text("theme=nonsense")).to_be_visible()


def test_the_whole_list_stays_quick(shipped: Server, visit: Visiting) -> None:
    """A part of the list is small enough for any browser, and no choice asks for more than one run."""
    one = visit(shipped, "/list")
    assert one.page.locator(".gz-claims tbody tr").count() == PAGE_ROWS
    size = one.page.locator(".gz-inventory").evaluate("(e) => e.outerHTML.length")
    assert size < 200_000
    before = one.reruns_asked
    choose(one, "落位", "未落位")
    assert one.reruns_asked == before + 1


def test_on_a_phone_a_row_is_a_card(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/list", **PHONE)
    require_no_sideways_scroll(one)
    rows = one.page.locator(".gz-claims tbody tr")
    boxes = [rows.nth(n).bounding_box() for n in range(4)]
    for box in boxes:
        assert box["x"] >= 10
        assert box["x"] + box["width"] <= 380
    assert all(a["y"] + a["height"] < b["y"] for a, b in pairwise(boxes))
    expect(one.page.locator(".gz-claims thead")).not_to_be_in_viewport(ratio=0.5)
    sort = one.page.locator(".gz-sorts")
    sort.locator("summary").tap()
    sort.get_by_role("link", name="名称").tap()
    one.rest()
    assert listed(one) == ids(atlas, "name")[:PAGE_ROWS]
    facet = one.page.locator(".gz-facet").filter(has=one.page.locator("summary", has_text="图层")).first
    facet.locator("summary").tap()
    choices = facet.locator("ul")
    expect(choices).to_be_visible()
    box = choices.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    require_no_sideways_scroll(one)
