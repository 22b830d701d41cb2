"""What is to be delivered: data and choices, brought together and made to fit before a file is touched."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from gzmap.catalog import Entry
from gzmap.crs import Transformation
from gzmap.errors import ExportError
from gzmap.export.capabilities import Format
from gzmap.export.encodings import ENCODINGS, Encoding
from gzmap.export.formats import require_crs, require_encoding, require_format
from gzmap.export.limits import check_size, fit_kinds, fit_numbers
from gzmap.export.losses import CHANGED, NOTE, REFUSED, Loss
from gzmap.export.moments import fit_times
from gzmap.export.naming import SCHEMES, find_name, pair_columns, rename_fields, rename_layers
from gzmap.export.tables import Column, Table, take_rows
from gzmap.export.texts import LongText, cut_texts, describe_long, fit_characters


@dataclass(frozen=True)
class Choices:
    """What a user asks for, validated.

    Attributes
    ----------
    fmt
        A key of `FORMATS`.
    crs
        EPSG code.
    encoding
        A key of `ENCODINGS`, for the attribute table of Shapefiles.
    names
        A key of `SCHEMES`.
    schematic
        Whether schematic features are taken.
    nulls
        Whether features without geometry are taken.
    fixes
        Remedies that are accepted: keys of `FIXES`.

    Raises
    ------
    ExportError
        If the format, the encoding, the CRS for this format, the scheme or a fix is not known.
    """

    fmt: str
    crs: str = "EPSG:4326"
    encoding: str = "utf-8"
    names: str = "ascii"
    schematic: bool = True
    nulls: bool = True
    fixes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        fmt = require_format(self.fmt)
        require_encoding(fmt, self.encoding)
        object.__setattr__(self, "encoding", self.encoding.lower())
        object.__setattr__(self, "crs", require_crs(fmt, self.crs))
        object.__setattr__(self, "fixes", frozenset(self.fixes))
        if self.names not in SCHEMES:
            raise ExportError.unknown("Naming scheme", self.names, SCHEMES, where="the list")
        if unknown := sorted(self.fixes - FIXES.keys()):
            raise ExportError.unknown("Fix", unknown[0], FIXES, where="the list")


FIXES: Mapping[str, tuple[str, str]] = {
    "integers-as-text": ("过大的整数整列写成文字", "Write columns with whole numbers that are too large as text"),
    "reals-as-text": ("过大的小数整列写成文字", "Write columns with other numbers that are too large as text"),
    "replace-characters": ("写不出的字符用 � 代替", "Write the mark � for characters that the format cannot hold"),
    "rename": ("不合格式的字段名截短、编号", "Shorten and number field names that the format cannot hold"),
}
"""Remedies that `Choices.fixes` accepts, in Chinese and in English."""


@dataclass(frozen=True)
class Dataset:
    """Layers to deliver, whoever they come from: in one CRS, with plain ASCII names, whole.

    Attributes
    ----------
    tables
        The layers.
    evidence
        The words behind the features, None for data that is not ours.
    entries
        Catalogue entries by table name; empty for data that is not ours.
    sources
        Lines of the source register.
    day
        Date of the edition, which every file carries, so that the same input gives the same bytes.
    edition
        ``document.meta``; empty for data that is not ours.
    title
        What it is, in Chinese.
    crs
        EPSG code of the geometries.
    moves
        The transformations that brought them there, one per CRS they came from.
    losses
        What was changed on the way here: clipped, split, renamed.
    scope
        The selection in Chinese and in English, empty where the layers are whole.
    """

    tables: tuple[Table, ...]
    evidence: Table | None
    entries: Mapping[str, Entry]
    sources: tuple[Mapping, ...]
    day: date
    edition: Mapping
    title: str
    crs: str = "EPSG:4326"
    moves: tuple[Transformation, ...] = ()
    losses: tuple[Loss, ...] = ()
    scope: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Order:
    """Data in one format, CRS, encoding and naming scheme.

    ``dataset`` holds the chosen rows under our names; ``tables`` are the same under the names of the scheme, whole;
    ``cut`` is what the format holds of them and ``long`` the texts that it does not. ``renamed`` gives, by table, the
    new names of fields by the old ones. ``losses`` is what naming, types and limits lose or change.
    """

    choices: Choices
    dataset: Dataset
    tables: tuple[Table, ...]
    cut: tuple[Table, ...]
    long: tuple[LongText, ...]
    renamed: Mapping[str, Mapping[str, str]]
    losses: tuple[Loss, ...] = field(default=(), repr=False)

    @property
    def fmt(self) -> Format:
        """The format's limits."""
        return require_format(self.choices.fmt)

    @property
    def encoding(self) -> Encoding:
        """The encoding of attribute tables."""
        return ENCODINGS[self.choices.encoding]

    @property
    def crs(self) -> str:
        """EPSG code of the geometries."""
        return self.choices.crs

    @property
    def day(self) -> date:
        """The date that every file carries."""
        return self.dataset.day

    @property
    def evidence(self) -> Table | None:
        """The words behind the features."""
        return self.dataset.evidence


def build_order(dataset: Dataset, choices: Choices) -> Order:
    """Make an order that can be written.

    Raises
    ------
    ExportError
        If the format cannot hold the data without a loss that was not accepted; the message is that of the first.
    """
    order = build_draft(dataset, choices)
    refused = [loss for loss in order.losses if loss.severity == REFUSED]
    if refused:
        more = f" ({len(refused) - 1} more problems: check before exporting)" if len(refused) > 1 else ""
        raise ExportError(f"{refused[0].detail_en}; {refused[0].remedy_en}.{more}")
    return order


def build_draft(dataset: Dataset, choices: Choices) -> Order:
    """Bring data and choices together, and note what that loses or changes, refused or not.

    Raises
    ------
    ExportError
        If the data is in another CRS than the choices say.
    """
    if dataset.crs != choices.crs:
        raise ExportError(f"The data is in {dataset.crs}, but {choices.crs} is asked for; build the dataset in it.")
    encoding = ENCODINGS[choices.encoding]
    losses: list[Loss] = []
    dataset = _rename_layers(dataset, require_format(choices.fmt), losses)
    chosen = tuple(_choose_rows(table, choices) for table in dataset.tables)
    tables, cut, long, renamed = [], [], [], {}
    for table in chosen:
        named, new_names = rename_fields(table, choices.names, require_format(choices.fmt), encoding=encoding)
        losses += _check_names(table, named, choices, is_foreign=table.name not in dataset.entries)
        fitted, texts = _fit(named, choices, losses)
        if (texts and not named.id_field) or not named.columns:
            named, fitted = _add_keys(named), _add_keys(fitted)
            losses.append(_tell_keys(named))
        tables.append(named)
        cut.append(fitted)
        long += texts
        renamed[table.name] = new_names
    losses += describe_long(long, encoding)
    return Order(
        choices, replace(dataset, tables=chosen), tuple(tables), tuple(cut), tuple(long), renamed, tuple(losses)
    )


def _rename_layers(dataset: Dataset, fmt: Format, losses: list[Loss]) -> Dataset:
    """Give other names to layers whose name the format keeps for itself, and tell it."""
    renamed = rename_layers(dataset.tables, fmt)
    if not renamed:
        return dataset
    losses += [
        Loss(
            "layer-name", CHANGED, old, detail=f"图层 {old} 在 {fmt.title} 中写作 {new}：这个名称由格式或系统保留",
            detail_en=f"layer {old!r} is called {new}: {fmt.title}, or a system that opens it, keeps the name",
        )
        for old, new in renamed.items()
    ]  # fmt: skip
    tables = tuple(replace(table, name=renamed.get(table.name, table.name)) for table in dataset.tables)
    entries = {renamed.get(name, name): entry for name, entry in dataset.entries.items()}
    return replace(dataset, tables=tables, entries=entries)


def _choose_rows(table: Table, choices: Choices) -> Table:
    keep = np.ones(table.size, dtype=bool)
    method = table.find_column("method")
    if not choices.schematic and method is not None:
        keep &= np.array([v != "schematic" for v in method.values], dtype=bool)
    if not choices.nulls and table.geometries is not None:
        keep &= np.not_equal(table.geometries, None)
    return table if keep.all() else take_rows(table, keep)


def _fit(table: Table, choices: Choices, losses: list[Loss]) -> tuple[Table, list[LongText]]:
    """Make a table fit the format, and note what that loses or changes."""
    fmt, encoding = require_format(choices.fmt), ENCODINGS[choices.encoding]
    fitted, of_kinds = fit_kinds(table, fmt)
    fitted, of_numbers = fit_numbers(fitted, fmt, fixes=choices.fixes)
    fitted, of_times = fit_times(fitted, fmt)
    fitted, of_characters = fit_characters(fitted, fmt, encoding, fixes=choices.fixes)
    losses += [*check_size(table, fmt), *of_kinds, *of_numbers, *of_times, *of_characters]
    return cut_texts(fitted, fmt, encoding)


def _add_keys(table: Table) -> Table:
    """Add a column of row numbers to a table without feature ids, so that its whole texts beside it can be found."""
    taken = {c.name.lower() for c in table.columns}
    names = itertools.chain(["row_id"], (f"row_id_{number}" for number in itertools.count(1)))
    name = next(n for n in names if n not in taken)
    keys = Column(name, "text", list(table.ids), "行号", "Row number", description="长文本表以此对应", origin=name)
    return replace(table, columns=(keys, *table.columns))


def _tell_keys(table: Table) -> Loss:
    name = table.columns[0].name
    return Loss(
        "row-id", NOTE, table.name, name, detail=f"加一列行号 {name}：没有唯一的文字标识 id",
        detail_en=f"a column of row numbers is added, {name}: there is no column id of texts that are once each",
    )  # fmt: skip


def _check_names(table: Table, named: Table, choices: Choices, *, is_foreign: bool) -> list[Loss]:
    """Tell the fields whose name a format does not take as the scheme has it."""
    fmt = require_format(choices.fmt)
    may = is_foreign or "rename" in choices.fixes
    limit = f", at most {fmt.field_bytes or fmt.field_chars} bytes" if fmt.field_bytes or fmt.field_chars else ""
    reserved = " or ".join(sorted(fmt.reserved_fields)) or "empty"
    wider = choices.names == "chinese" and choices.encoding == "utf-8" and "gbk" in fmt.encodings
    losses = []
    for before, after in pair_columns(table, named):
        wanted = find_name(before, choices.names)
        if wanted != after.name:
            losses.append(
                Loss(
                    "field-name", CHANGED if may else REFUSED, table.name, wanted,
                    detail=f"字段 {wanted} 在 {fmt.title} 中要写成 {after.name}",
                    detail_en=f"Field {wanted!r} of layer {table.name!r} cannot stand in {fmt.title} as it is: names "
                    f"are plain{limit}, once each, and not {reserved}",
                    remedy=f"{'改用 GBK 编码，' if wider else ''}接受改名，或在图层和目录中改名",
                    remedy_en=f"{'choose GBK, ' if wider else ''}accept {after.name!r} (fix 'rename'), or rename it in "
                    "the layer and the catalogue",
                    fix="encoding=gbk" if wider else "rename",
                )
            )  # fmt: skip
    return losses
