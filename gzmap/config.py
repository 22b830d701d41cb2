"""Numbers and names that several modules share, and where the project's data lies."""

from __future__ import annotations

from pathlib import Path

STORAGE_CRS = "EPSG:4326"
"""CRS of every stored geometry: WGS 84, longitude first."""

METRIC_CRS = "EPSG:4547"
"""CRS of planar work: CGCS2000 / 3-degree Gauss-Kruger CM 114E, metres, valid 112.5 to 115.5 degrees east."""

DELIVERY_CRS = ("EPSG:4326", "EPSG:4490", "EPSG:4547", "EPSG:4526", "EPSG:3857")
"""CRSs that are offered first to who takes a layer away; any other that fits the data can be named too."""

COORDINATE_DECIMALS = 6
"""Decimal degrees kept in stored files (0.1 m)."""

STUDY_BBOX = (111.0, 22.1, 115.0, 25.6)
"""``(west, south, east, north)`` in degrees: nothing in a shipped layer lies outside (neighbouring cities included)."""

HOME_BBOX = (112.95, 22.55, 114.06, 23.94)
"""``(west, south, east, north)`` in degrees: Guangzhou, the first view of the map."""

WIDE_ACCURACY_M = 2000
"""Features less accurate than this are told as one folded group, 片区层面涉及, and never count as near."""

DISC_ACCURACY_M = 300
"""A point less accurate than this is drawn as a dashed disc with this radius, not as a pin."""

LINK_HOSTS = (
    ".gov.cn",
    "gzdaily.dayoo.com",
    "people.com.cn",
    "xinhuanet.com",
    "news.cn",
    "cenews.com.cn",
    "ycwb.com",
    "southcn.com",
    "epsg.org",
    "ogc.org",
)
"""Ends of host names that may be shown as a link: government, official press, standards."""

BOXES = ("mapped", "ambiguous", "unlocatable", "outside", "not_place")
"""What can become of a place name in the text: on the map, one of several places, nowhere to be found, outside the
city, no place at all. Only the first is computed."""

SITE_BYTES = 20_000_000
"""Largest file that a person may bring as a site."""

SITE_TEXT_BYTES = 5_000_000
"""Longest text with coordinates: a point takes some 25 bytes."""

SITE_UNPACKED_BYTES = 100_000_000
"""Most that a brought archive may unpack to, all of it together."""

SITE_ARCHIVE_FILES = 500
"""Most files in a brought archive."""

SITE_FEATURES = 5_000
"""Most features in a site."""

SITE_VERTICES = 200_000
"""Most vertices in a site: far more than any survey has, few enough for one query."""

SITE_MARGIN_DEG = 0.5
"""Degrees by which a site may leave `HOME_BBOX` without a word: less than a wrong zone (3 degrees) would move it."""

OWN_FILE_BYTES = 2_000_000_000
"""Largest file (folder, of a file geodatabase) of the planner's own layers."""

OWN_FEATURES = 300_000
"""Most features of one of the planner's own layers."""

AREA_TITLE = (
    "纲要涉及内容查询（非规划符合性审查意见，不能替代“三区三线”及法定规划核查）",
    "What the plan says about an area (no opinion on conformity; no substitute for the “three zones and three lines” "
    "and for statutory checks)",
)
"""Title of every answer about an area, on the page, in files and in print: Chinese, English."""

PLAN_DIR = Path("geodata/plan")
SOURCES_FILE = Path("geodata/sources.json")
CATALOG_FILE = Path("layers/catalog.json")
MENTIONS_FILE = Path("layers/mentions.jsonl")
TOPONYMS_FILE = Path("layers/toponyms.json")
LEDGER_FILE = Path("layers/ledger.jsonl")
