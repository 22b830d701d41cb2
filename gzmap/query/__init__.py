"""Questions to an atlas: by name, by place, by words."""

from __future__ import annotations

from gzmap.query.accounts import (
    CITYWIDE,
    OUTSIDE,
    Totals,
    count_accounts,
    find_accounts,
    find_chapter,
    find_districts,
)
from gzmap.query.area import AreaAnswer, DistrictShare, Overlap, Total, find_in_area
from gzmap.query.between import Pair, find_between
from gzmap.query.citations import Citation, CitedPlace, Reference, build_citation, format_place
from gzmap.query.ground import build_rectangle, find_district_area, require_circle
from gzmap.query.inventory import Claim, Filters, list_claims
from gzmap.query.near import Here, Told, find_here
from gzmap.query.overview import WHOLE, Overview, Repeats, Scope, Tally, count_districts
from gzmap.query.places import Place, find_at, find_drawn
from gzmap.query.plainly import PlainGroup, PlainItem, PlainSubject, list_plainly, say_basis
from gzmap.query.report import FeatureReport, find_report
from gzmap.query.residents import Quote, ResidentAnswer, Statement, find_for_residents
from gzmap.query.shares import Share, find_district_areas, find_shares
from gzmap.query.text import Hit, find_text
from gzmap.query.words import Evidence, Named, find_evidence, find_named, find_neighbours, find_unlocated

__all__ = [
    "CITYWIDE",
    "OUTSIDE",
    "WHOLE",
    "AreaAnswer",
    "Citation",
    "CitedPlace",
    "Claim",
    "DistrictShare",
    "Evidence",
    "FeatureReport",
    "Filters",
    "Here",
    "Hit",
    "Named",
    "Overlap",
    "Overview",
    "Pair",
    "Place",
    "PlainGroup",
    "PlainItem",
    "PlainSubject",
    "Quote",
    "Reference",
    "Repeats",
    "ResidentAnswer",
    "Scope",
    "Share",
    "Statement",
    "Tally",
    "Told",
    "Total",
    "Totals",
    "build_citation",
    "build_rectangle",
    "count_accounts",
    "count_districts",
    "find_accounts",
    "find_at",
    "find_between",
    "find_chapter",
    "find_district_area",
    "find_district_areas",
    "find_districts",
    "find_drawn",
    "find_evidence",
    "find_for_residents",
    "find_here",
    "find_in_area",
    "find_named",
    "find_neighbours",
    "find_report",
    "find_shares",
    "find_text",
    "find_unlocated",
    "format_place",
    "list_claims",
    "list_plainly",
    "require_circle",
    "say_basis",
]
