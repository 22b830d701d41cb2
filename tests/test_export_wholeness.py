"""Files that lost their end are known as such."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from gzmap.errors import ExportError
from gzmap.export.gdal import export_table
from gzmap.export.tables import Column, Table
from gzmap.export.wholeness import require_whole

DRIVERS = {"ESRI Shapefile": "a.shp", "GPKG": "a.gpkg", "FlatGeobuf": "a.fgb", "OpenFileGDB": "a.gdb"}
OPTIONS = {"GPKG": {"dataset": {"VERSION": "1.3"}}}


def write(folder: Path, driver: str, count: int = 50) -> tuple[Table, Path]:
    names = Column("name", "text", [f"公园{n}" for n in range(count)])
    points = shapely.points([[113 + n / 1000, 23] for n in range(count)])
    table = Table("a", "公园", "", (names,), points, "Point", id_field="")
    path = folder / DRIVERS[driver]
    options = OPTIONS.get(driver, {})
    export_table(table, path, driver, crs="EPSG:4490", encoding="UTF-8", options=options)
    return table, path


@pytest.mark.parametrize("driver", DRIVERS)
def test_what_is_whole_passes_and_what_has_other_rows_does_not(tmp_path: Path, driver: str) -> None:
    table, path = write(tmp_path, driver)
    require_whole(table, path, driver)
    (tmp_path / "fewer").mkdir()
    fewer, _ = write(tmp_path / "fewer", driver, 49)
    with pytest.raises(ExportError, match=f"not written whole as {driver}; check the free space") as found:
        require_whole(fewer, path, driver)
    assert "没有写完整" in found.value.zh


@pytest.mark.parametrize("end", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("lost", [1, 20, "all"])
def test_a_shapefile_that_lost_its_end_is_not_whole(tmp_path: Path, end: str, lost: int | str) -> None:
    table, path = write(tmp_path, "ESRI Shapefile")
    file = path.with_suffix(end)
    os.truncate(file, 0 if lost == "all" else file.stat().st_size - lost)
    with pytest.raises(ExportError, match="not written whole"):
        require_whole(table, path, "ESRI Shapefile")


@pytest.mark.parametrize("change", ["DELETE FROM a WHERE fid = 50", "DELETE FROM gpkg_extensions", "DROP TABLE a"])
def test_a_geopackage_without_a_row_or_its_index_is_not_whole(tmp_path: Path, change: str) -> None:
    table, path = write(tmp_path, "GPKG")
    with closing(sqlite3.connect(path)) as file, file:
        # The triggers of the index need functions that only GDAL has.
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        file.execute(change)
    with pytest.raises(ExportError, match="not written whole"):
        require_whole(table, path, "GPKG")


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_file_that_is_not_there_is_not_whole(tmp_path: Path, driver: str) -> None:
    table, path = write(tmp_path, driver)
    with pytest.raises(ExportError, match="not written whole"):
        require_whole(table, path.with_name(f"b{path.suffix}"), driver)
