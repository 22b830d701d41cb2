"""Uploads made to exhaust a machine or to end it: refused in words, within the memory that one upload may have."""

from __future__ import annotations

import io
import json
import stat
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import shapely

from gzmap import sites
from gzmap.errors import SiteError
from tests.conftest import ROOT
from tests.hostile_uploads import UPLOADS
from tests.site_makers import make_geojson, make_zip

CODES = {
    "shp of 10^7 vertices": "zip-bomb",
    "kml of 10^7 vertices": "too-large",
    "json of 10^7 vertices": "too-large",
    "json of 10^5 brackets": "content-broken",
    "json of collections": "content-broken",
    "kml of elements": "too-many-features",
    "kml of depth": "too-many-features",
    "wkt of depth": "content-broken",
    "wkt that does not close": "content-broken",
    "pasted brackets": "line-unreadable",
    "members by the 10^5": "zip-many",
    "one member many times": "zip-bomb",
    "many members of much": "zip-bomb",
}


def test_every_upload_is_refused_within_bounded_memory() -> None:
    """In a process of its own: two of these once ended the server for everybody, others took two gigabytes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile_uploads"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told.pop("peak MB") < 1000
    assert told == {name: CODES.get(name, "too-many-vertices") for name in UPLOADS}


def draw_star(corners: int) -> shapely.Polygon:
    """A line that crosses itself at nearly every pair of its edges."""
    turn = 2.4 * np.arange(corners)
    return shapely.Polygon(np.column_stack([113.3 + 0.1 * np.cos(turn), 23.1 + 0.1 * np.sin(turn)]))


def draw_comb(corners: int) -> shapely.Polygon:
    """A sound outline whose edges all lie in each other's boxes."""
    at = 1e-6 * np.arange(corners // 4)[:, None]
    teeth = [(113.3, 23.1), (113.4, 23.2), (113.4 + 2e-7, 23.2 - 2e-7), (113.3 + 5e-7, 23.1 - 5e-7)]
    points = np.array([[x, y] for x, y in teeth])[None] + np.stack([at, -at], axis=2)
    return shapely.Polygon([*points.reshape(-1, 2), (113.2, 23.0)])


def draw_nested(rings: int) -> str:
    """Rings as pasted text, each inside the next."""
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    blocks = (
        "\n".join(f"{113.3 + s * n * 1e-6:.6f},{23.1 + t * n * 1e-6:.6f}" for s, t in signs) for n in range(rings)
    )
    return "\n\n".join(list(blocks)[1:])


TANGLES = {
    "star": make_geojson(draw_star(3000)),
    "comb": make_geojson(draw_comb(20_000)),
    "rings in rings": draw_nested(3000).encode(),
}


@pytest.mark.parametrize("name", TANGLES)
@pytest.mark.parametrize("repair", [False, True])
def test_a_tangle_is_refused_before_it_is_worked_on(name: str, *, repair: bool) -> None:
    with pytest.raises(SiteError) as caught:
        sites.read_site(TANGLES[name], "a.geojson" if name != "rings in rings" else "", repair=repair)
    assert caught.value.code == "too-tangled"
    assert "过多" in caught.value.zh


def test_repair_takes_less_of_a_tangle_than_looking_does() -> None:
    star = make_geojson(draw_star(100))
    for repair, code in ((False, "self-intersecting"), (True, "too-tangled")):
        with pytest.raises(SiteError) as caught:
            sites.read_site(star, "a.geojson", repair=repair)
        assert caught.value.code == code


def test_what_surveys_really_get_wrong_is_still_put_in_order() -> None:
    """A thousand crossings, an outline that was drawn twice over, and two hundred rings one inside the other."""
    step = np.arange(1000) * 1e-5
    wave = 1e-5 * (-1.0) ** np.arange(1000)
    there, back = (np.column_stack([113.3 + step, 23.1 + side * wave]) for side in (1, -1))
    crossed = shapely.Polygon(np.vstack([there, back[::-1]]))
    assert "repaired" in [n.code for n in sites.read_site(make_geojson(crossed), "a.json", repair=True).notes]
    around = shapely.get_coordinates(shapely.Point(113.3, 23.1).buffer(0.01, quad_segs=500).exterior)
    twice = shapely.Polygon(np.vstack([around, around]))
    assert sites.read_site(make_geojson(twice), "a.json", repair=True).geometry.area == pytest.approx(
        shapely.Polygon(around).area
    )
    rings = sites.parse_site(draw_nested(201))
    assert len(rings.parts) == 100


def test_a_link_in_an_archive_is_the_text_that_it_holds() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("a.geojson")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(SiteError) as caught:
        sites.read_site(stream.getvalue(), "a.zip")
    assert "root" not in str(caught.value)
    assert caught.value.code in ("suffix-wrong", "line-unreadable")


def test_of_two_members_of_one_name_none_is_read_twice() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.geojson", make_geojson(shapely.box(113.3, 23.1, 113.31, 23.11)))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.geojson", make_geojson(shapely.box(113.4, 23.1, 113.41, 23.11)))
    site = sites.read_site(stream.getvalue(), "a.zip")
    assert len(site.parts) == 1


@pytest.mark.parametrize("codec", ["utf-16", "gb18030", "big5", "utf-8-sig"])
def test_a_kml_in_a_wrongly_stated_encoding_keeps_its_names(codec: str) -> None:
    ring = "113.3,23.1 113.31,23.1 113.31,23.11 113.3,23.1"
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><kml><Placemark><name>廣州地塊</name><Polygon><outerBoundaryIs>'
        f"<LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
    )
    site = sites.read_site(make_zip({"doc.kml": text.encode(codec)}), "a.kmz")
    assert [part.title for part in site.parts] == ["廣州地塊"]
