"""An ISO 19139 record as XML: what pygeometa leaves out, and what it writes that is invalid or untrue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from lxml import etree

from gzmap.export.markup import clean_text

GMD = "http://www.isotc211.org/2005/gmd"
GCO = "http://www.isotc211.org/2005/gco"
XLINK = "http://www.w3.org/1999/xlink"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SPACES = {"gmd": GMD, "gco": GCO}
CODES = "http://www.isotc211.org/2005/resources/Codelist/gmxCodelists.xml"
ENGLISH = "eng"
METRE = "urn:ogc:def:uom:EPSG::9001"
SECONDARY = "二手来源，待核实"
ACCURACY = ("平面位置误差的 95% 界", "95 % bound of horizontal position error")


def mend_record(root: etree._Element, *, crs: str, place: tuple[str, str] | None) -> None:
    """Correct what pygeometa's template writes.

    Parameters
    ----------
    root
        The record; it is changed in place.
    crs
        EPSG code of the data. The template would write a bounding polygon in that CRS; so it is given WGS 84 for the
        extent, and the CRS is put right here.
    place
        Chinese and English name of the place where nothing is located: an extent of zeros would be untrue.
    """
    # The English texts refer to the locale by the language, the template always calls it French.
    for locale in root.iterfind(".//gmd:PT_Locale", SPACES):
        locale.set("id", ENGLISH)
    # A registry with a date and a version long past, none of which is ours to state.
    identifier = root.find(".//gmd:RS_Identifier", SPACES)
    for child in list(identifier):
        identifier.remove(child)
    _text(identifier, "code", f"urn:ogc:def:crs:EPSG::{crs.rpartition(':')[2]}")
    _text(identifier, "codeSpace", "EPSG")
    # There is no address, no telephone and no page: empty elements, one of which is no valid URL.
    for party in root.iterfind(".//gmd:CI_ResponsibleParty", SPACES):
        _remove(party, "gmd:contactInfo")
    # Nothing is offered for download at an address.
    _remove(root, "gmd:distributionInfo")
    if place:
        _name_extent(root, place)


def _remove(parent: etree._Element, path: str) -> None:
    for child in parent.findall(path, SPACES):
        parent.remove(child)


def _name_extent(root: etree._Element, place: tuple[str, str]) -> None:
    """Put a name in the place of the bounding box."""
    extent = root.find(".//gmd:extent/gmd:EX_Extent", SPACES)
    _remove(extent, "gmd:geographicElement")
    described = _add(_add(extent, "geographicElement"), "EX_GeographicDescription")
    _text(_add(_add(described, "geographicIdentifier"), "MD_Identifier"), "code", place[0], english=place[1])


def add_quality(
    root: etree._Element,
    *,
    accuracy_m: float | None,
    steps: Iterable[tuple[str, str]],
    sources: Sequence[Mapping],
) -> None:
    """Add the accuracy, the methods and the sources, for which the MCF has no place.

    Parameters
    ----------
    root
        The record; it is changed in place.
    accuracy_m
        Worst accuracy in metres, None where nothing is located.
    steps
        Methods in Chinese and English.
    sources
        Lines of the source register.
    """
    quality = root.find(".//gmd:DQ_DataQuality", SPACES)
    lineage = quality.find("gmd:lineage", SPACES)
    if accuracy_m is not None:
        lineage.addprevious(_build_report(accuracy_m))
    inner = lineage.find("gmd:LI_Lineage", SPACES)
    for chinese, english in steps:
        _text(_add(_add(inner, "processStep"), "LI_ProcessStep"), "description", chinese, english=english)
    for source in sources:
        _add_source(inner, source)


def _build_report(accuracy_m: float) -> etree._Element:
    report = etree.Element(f"{{{GMD}}}report")
    measured = _add(report, "DQ_AbsoluteExternalPositionalAccuracy")
    _text(measured, "nameOfMeasure", ACCURACY[0], english=ACCURACY[1])
    result = _add(_add(measured, "result"), "DQ_QuantitativeResult")
    _add(result, "valueUnit").set(f"{{{XLINK}}}href", METRE)
    etree.SubElement(_add(result, "value"), f"{{{GCO}}}Record").text = f"{accuracy_m:g}"
    return report


def _add_source(lineage: etree._Element, source: Mapping) -> None:
    told = _add(_add(lineage, "source"), "LI_Source")
    words = [source.get("publisher"), source.get("edition"), f"许可：{source.get('licence') or '未注明'}"]
    note = str(source.get("note") or "")
    words += [SECONDARY] if source.get("kind") == "secondary" and SECONDARY not in note else []
    words += [source.get("url"), note]
    _text(told, "description", "；".join(str(word) for word in words if word))
    citation = _add(_add(told, "sourceCitation"), "CI_Citation")
    _text(citation, "title", str(source.get("title") or source["id"]))
    _add_date(citation, source.get("edition"))
    if source.get("edition"):
        _text(citation, "edition", str(source["edition"]))
    _text(_add(_add(citation, "identifier"), "MD_Identifier"), "code", str(source["id"]))


def _add_date(citation: etree._Element, edition: object) -> None:
    """Add the date of a source where its edition is one; else say that it is not known."""
    element = _add(citation, "date")
    try:
        day = date.fromisoformat(str(edition)).isoformat()
    except ValueError:
        element.set(f"{{{GCO}}}nilReason", "unknown")
        return
    told = _add(element, "CI_Date")
    etree.SubElement(_add(told, "date"), f"{{{GCO}}}Date").text = day
    code = {"codeList": f"{CODES}#CI_DateTypeCode", "codeListValue": "publication"}
    etree.SubElement(_add(told, "dateType"), f"{{{GMD}}}CI_DateTypeCode", code).text = "publication"


def _add(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{GMD}}}{name}")


def _text(parent: etree._Element, name: str, text: str, *, english: str = "") -> None:
    """Add a text, with its English beside it."""
    element = _add(parent, name)
    etree.SubElement(element, f"{{{GCO}}}CharacterString").text = clean_text(text)
    if english:
        element.set(f"{{{XSI}}}type", "gmd:PT_FreeText_PropertyType")
        group = _add(_add(element, "PT_FreeText"), "textGroup")
        localised = _add(group, "LocalisedCharacterString")
        localised.set("locale", f"#{ENGLISH}")
        localised.text = clean_text(english)
