"""What a check can say."""

from __future__ import annotations

from dataclasses import dataclass

CODES = {
    "json-invalid": ("error", "A file cannot be read, or is not built as its schema in layers/schema says."),
    "json-duplicate-key": ("error", "An object in a file has the same key twice."),
    "plan-invalid": ("error", "The plan text cannot be parsed into chapters, sections and paragraphs."),
    "id-duplicate": (
        "error",
        "Two features, layers, sources or mentions have the same id, or two toponyms the same name.",
    ),
    "id-pattern": ("error", "A feature's id is not <layer id>.<local id> in small letters, digits and underscores."),
    "geometry-invalid": ("error", "A geometry is broken, empty, not finite or crosses itself."),
    "geometry-type": ("error", "A geometry is not of the one type that the catalogue states for its layer."),
    "lonlat-flipped": ("error", "Coordinates are latitude first; they must be longitude first."),
    "outside-boundary": ("error", "A geometry leaves the study area."),
    "overprecise": ("error", "Coordinates have more than 6 decimals of a degree."),
    "property-name": ("error", "A property is missing, not in the catalogue, or longer than 10 ASCII characters."),
    "property-value": ("error", "A property has a value of the wrong type or outside its closed list."),
    "category-unknown": ("error", "A feature's category is not in the catalogue's list for its layer."),
    "source-unknown": (
        "error",
        "A feature or layer names no source, or one that is not in geodata/sources.json or not among its layer's.",
    ),
    "source-changed": ("error", "A file that was given to us no longer has the SHA-256 that was recorded."),
    "source-link": ("error", "A source has a link to a host that is not government, official press or standards."),
    "accuracy-missing": ("error", "A located feature does not say how far off it may be."),
    "evidence-missing": ("error", "No words of the plan justify a feature of a plan layer."),
    "quote-mismatch": ("error", "A quote, or a mention's context, is not what stands at its place in the text."),
    "span-outside": ("error", "A passage does not exist, or a span leaves its passage."),
    "mention-unknown-feature": ("error", "A mention names a feature that is in no plan layer."),
    "toponym-unknown-feature": ("error", "A toponym or a line of the ledger names a feature that does not exist."),
    "toponym-unaccounted": ("error", "A place name of the list stands in the text and is in no box of the ledger."),
    "ledger-conflict": ("error", "A line of the ledger speaks of words that a mention or another line covers."),
    "ledger-stale": (
        "error",
        "A line of the ledger, or a toponym's exception for a passage, is not where a place name of the list stands.",
    ),
    "toponym-candidate": ("warning", "Words of the text end as place names do and are not in the list."),
    "based-on": (
        "error",
        "A feature is based on one that does not exist, or its geometry is not exactly theirs: all parts, or areas "
        "made one.",
    ),
    "part-of": (
        "error",
        "A feature is part of one that does not exist, or reaches out of it farther than the whole's accuracy.",
    ),
    "overlap": (
        "error",
        "Two features of one layer lie over one another and neither is part of or based on the other: areas whose "
        "common ground is wider than both accuracies together, lines nearer than 30 m for longer than that and than "
        "half of the shorter line.",
    ),
    "leaves-city": (
        "error",
        "A plan feature reaches out of the city and its estuary farther than its accuracy; those of the theme "
        "cooperation may lie in the neighbouring cities.",
    ),
    "measure-stale": ("error", "The length or area that a feature states is not what its geometry gives."),
    "length-unexplained": (
        "error",
        "A drawn length differs by more than 10 % from the official figure, or an area that is not schematic by more "
        "than 15 %, and diff_note does not say why.",
    ),
    "catalog-stale": ("error", "A layer's derived block in the catalogue is not what its file gives."),
    "format": ("error", "A file is not in its canonical form."),
}
"""Severity and meaning of every code."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong in the data under review.

    ``where`` is the file, from the project folder, and the feature, line or entry in it; ``message`` says what is
    wrong and, behind a dash, the remedy.
    """

    code: str
    severity: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def build_finding(code: str, where: str, wrong: str, *, remedy: str) -> Finding:
    """Make a finding with the severity of its code."""
    return Finding(code, CODES[code][0], where, f"{wrong} — {remedy}")
