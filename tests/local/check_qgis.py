"""Open a packet's project in QGIS and look at everything in it; a picture of the map is left for people.

Run by the Python that Debian's QGIS belongs to, so nothing but that and the standard library is used:

    /usr/bin/python3 tests/local/check_qgis.py PACKET.zip PICTURE.png

What a layer should hold is read from the GeoPackage by SQLite, not by QGIS.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import sys
import tempfile
import zipfile
from array import array
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# By name, for they are the system's and no requirement of this project.
core, qtcore, qtgui = (importlib.import_module(name) for name in ("qgis.core", "qgis.PyQt.QtCore", "qgis.PyQt.QtGui"))

TABLES_TITLE = "依据与说明"
LABELS = "labels"
PICTURE_PX = 1200
PROBE_PX = 500


class Report:
    """Lines for people, and what is wrong."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def expect(self, condition: bool, message: str) -> None:
        """Note a message as wrong unless the condition holds."""
        if not condition:
            self.wrong.append(message)
            print(f"  WRONG {message}")


def name_of(layer: core.QgsVectorLayer) -> str:
    """Give the name of a layer's table."""
    return layer.source().rpartition("layername=")[2].partition("|")[0]


def main(packet: Path, picture: Path) -> int:
    """Check a packet.

    Returns
    -------
    int
        0 if nothing is wrong.
    """
    application = core.QgsApplication([], True)
    application.initQgis()
    report = Report()
    messages: list[str] = []
    application.messageLog().messageReceived.connect(lambda text, tag, level: messages.append(f"{tag}: {text}"))
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(packet) as archive:
            archive.extractall(folder)
        projects = sorted(Path(folder).rglob("*.qgs"))
        report.expect(len(projects) == 1, f"the packet has {len(projects)} projects, not one")
        for path in projects:
            check_project(path, picture, report)
        core.QgsProject.instance().clear()
    for text in messages:
        report.expect(False, f"QGIS says {text}")
    print(f"QGIS {core.Qgis.QGIS_VERSION}: {packet.name}: {len(report.wrong)} wrong; picture: {picture}")
    return 1 if report.wrong else 0


def check_project(path: Path, picture: Path, report: Report) -> None:
    """Check all of a project."""
    project = core.QgsProject.instance()
    report.expect(project.read(str(path)), f"{path.name} cannot be read: {project.error()}")
    layers = list(project.mapLayers().values())
    print(f"{project.title()}: {project.crs().authid()}, {len(layers)} layers")
    report.expect(bool(project.title()), "the project has no title")
    report.expect(project.crs().isValid(), "the project has no CRS")
    groups = [group.name() for group in project.layerTreeRoot().findGroups()]
    print(f"  groups: {', '.join(groups)}")
    report.expect(TABLES_TITLE in groups, f"there is no group {TABLES_TITLE}")
    (package,) = path.parent.rglob("*.gpkg")
    with sqlite3.connect(package) as database:
        inside = {row[0] for row in database.execute("SELECT table_name FROM gpkg_contents")}
        shown = {name_of(layer) for layer in layers}
        report.expect(shown == inside, f"project and GeoPackage differ about the tables {sorted(shown ^ inside)}")
        for layer in layers:
            check_layer(layer, database, report)
        check_relations(project, database, report)
    check_styles(layers, path.parent, report)
    visible = [layer for layer in list_drawn(project) if is_visible(project, layer)]
    draw(project, visible, PICTURE_PX).save(str(picture))


def check_layer(layer: core.QgsVectorLayer, database: sqlite3.Connection, report: Report) -> None:
    """Check one layer: readable, complete, drawn by rules, its fields titled; drawn where something is placed."""
    name = name_of(layer)
    report.expect(layer.isValid(), f"{name} is not valid: {layer.source()}")
    (count,) = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()
    report.expect(layer.featureCount() == count, f"{name} has {layer.featureCount()} features, not {count}")
    titles = [layer.attributeAlias(i) for i, field in enumerate(layer.fields()) if field.name() != "fid"]
    report.expect(all(titles), f"{name} has fields without a title")
    check_dictionary(layer, database, report)
    if not layer.isSpatial():
        print(f"  {name} {layer.name()}: {count} rows")
        return
    renderer = layer.renderer().type()
    report.expect(renderer == ("nullSymbol" if name == LABELS else "RuleRenderer"), f"{name} is drawn by {renderer}")
    report.expect(layer.crs() == core.QgsProject.instance().crs(), f"{name} is in {layer.crs().authid()}")
    report.expect("不作为法定依据" in layer.metadata().abstract(), f"{name} has no notice in its metadata")
    located = sum(1 for feature in layer.getFeatures() if feature.hasGeometry())
    pixels = count_pixels(layer) if located else 0
    if not located:
        report.expect(layer.extent().isEmpty(), f"{name} has an extent, but nothing is placed")
    report.expect((pixels > 0) == (located > 0), f"{name}: {located} located features, {pixels} pixels drawn")
    rules = len(layer.renderer().rootRule().children()) if renderer == "RuleRenderer" else 0
    print(f"  {name} {layer.name()}: {count} features, {located} located, {rules} rules, {pixels} pixels")


def check_dictionary(layer: core.QgsVectorLayer, database: sqlite3.Connection, report: Report) -> None:
    """Hold the titles of fields against the data dictionary in the GeoPackage, where it has our own names."""
    try:
        rows = database.execute(
            "SELECT field, title FROM field_dictionary WHERE layer = ?", (name_of(layer),)
        ).fetchall()
    except sqlite3.OperationalError:
        report.expect(False, "the GeoPackage has no data dictionary with layer, field and title")
        return
    for field, title in rows:
        shown = layer.attributeAlias(layer.fields().lookupField(field))
        report.expect(shown == title, f"{name_of(layer)}.{field} is titled {shown!r}, not {title!r}")


def check_relations(project: core.QgsProject, database: sqlite3.Connection, report: Report) -> None:
    """Follow every relation from each feature to the words behind it."""
    relations: list[core.QgsRelation] = list(project.relationManager().relations().values())
    spatial = [layer for layer in project.mapLayers().values() if layer.isSpatial()]
    report.expect(len(relations) == len(spatial), f"{len(relations)} relations for {len(spatial)} layers")
    found = 0
    for relation in relations:
        report.expect(relation.isValid(), f"relation {relation.id()} is not valid")
        for feature in relation.referencedLayer().getFeatures():
            found += sum(1 for _ in relation.getRelatedFeatures(feature))
    (count,) = database.execute("SELECT count(*) FROM evidence").fetchone()
    report.expect(found == count, f"the relations lead to {found} sentences, the evidence has {count}")
    print(f"  {len(relations)} relations lead to {found} of {count} sentences")


def check_styles(layers: list[core.QgsVectorLayer], folder: Path, report: Report) -> None:
    """Load the style files beside the data on copies of the layers."""
    loaded: dict[str, int] = {}
    for suffix, load in ((".qml", core.QgsVectorLayer.loadNamedStyle), (".sld", core.QgsVectorLayer.loadSldStyle)):
        for layer, path in find_styles(layers, folder, suffix):
            copy = core.QgsVectorLayer(layer.source(), layer.name(), "ogr")
            message, fine = load(copy, str(path))
            report.expect(fine, f"{path.name} is no style for QGIS: {message}")
            kind, labelled = copy.renderer().type(), copy.labelsEnabled()
            if suffix == ".qml":
                report.expect(kind == layer.renderer().type(), f"{path.name} draws by {kind}, unlike the project")
            report.expect(labelled == layer.labelsEnabled(), f"{path.name} and the project differ about names")
            loaded[suffix] = loaded.get(suffix, 0) + 1
    print(f"  styles loaded: {loaded}")
    spatial = sum(layer.isSpatial() for layer in layers)
    for suffix in (".qml", ".sld"):
        report.expect(loaded.get(suffix) == spatial, f"{loaded.get(suffix, 0)} {suffix} for {spatial} layers")


def find_styles(
    layers: list[core.QgsVectorLayer], folder: Path, suffix: str
) -> Iterator[tuple[core.QgsVectorLayer, Path]]:
    """Find the style file of each spatial layer."""
    for layer in layers:
        if layer.isSpatial():
            for path in folder.rglob(f"{name_of(layer)}{suffix}"):
                yield layer, path


def list_drawn(project: core.QgsProject) -> list[core.QgsVectorLayer]:
    """List the spatial layers, the topmost first."""
    return [layer for layer in project.layerTreeRoot().layerOrder() if layer.isSpatial()]


def is_visible(project: core.QgsProject, layer: core.QgsVectorLayer) -> bool:
    """Tell whether a layer is switched on."""
    return project.layerTreeRoot().findLayer(layer.id()).isVisible()


def draw(
    project: core.QgsProject,
    layers: list[core.QgsVectorLayer],
    size_px: int,
    *,
    paper: qtgui.QColor | None = None,
    part: float = 1,
) -> qtgui.QImage:
    """Draw layers on a square picture of 96 pixels per inch.

    Parameters
    ----------
    project
        Whose CRS, ground and extent are taken.
    layers
        The topmost first.
    size_px
        Side of the picture.
    paper
        Ground, if not the project's.
    part
        Part of the project's extent that is shown, around its centre.
    """
    settings = core.QgsMapSettings()
    settings.setLayers(layers)
    settings.setOutputSize(qtcore.QSize(size_px, size_px))
    settings.setOutputDpi(96)
    settings.setDestinationCrs(project.crs())
    settings.setEllipsoid(project.ellipsoid())
    extent = project.viewSettings().defaultViewExtent()
    extent.scale(part)
    settings.setExtent(extent)
    settings.setBackgroundColor(paper or project.backgroundColor())
    settings.setFlag(core.QgsMapSettings.Antialiasing, True)
    told = core.QgsExpressionContextUtils
    context = core.QgsExpressionContext()
    context.appendScopes([told.globalScope(), told.projectScope(project), told.mapSettingsScope(settings)])
    settings.setExpressionContext(context)
    job = core.QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def count_pixels(layer: core.QgsVectorLayer) -> int:
    """Count the pixels that a layer alone draws, names included; place names show from nearer only."""
    paper = qtgui.QColor(255, 0, 255)
    part = 0.2 if name_of(layer) == LABELS else 1
    image = draw(core.QgsProject.instance(), [layer], PROBE_PX, paper=paper, part=part).convertToFormat(
        qtgui.QImage.Format_RGB32
    )
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    pixels = array("I", bytes(bits))
    return len(pixels) - pixels.count(paper.rgb())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"{Path(sys.argv[0]).name} PACKET.zip PICTURE.png")
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
