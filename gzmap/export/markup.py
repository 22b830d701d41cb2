"""XML written by hand: elements, safe texts, the same bytes each time."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""

NOWHERE = re.compile("[\0\ud800-\udfff]")
"""What no file holds: U+0000 ends a text in most of them, and half a character has no bytes in any encoding."""

MARK = "\ufffd"
"""The replacement character, which stands for one that cannot be written."""


def clean_text(text: str) -> str:
    """Put the replacement character in the place of those that XML cannot hold; all others are escaped later."""
    return UNWRITABLE.sub(MARK, text)


def build_element(tag: str, attributes: dict[str, str] | None = None) -> Element:
    """Make an element with safe attributes."""
    return Element(tag, {name: clean_text(value) for name, value in (attributes or {}).items()})


def add(parent: Element, tag: str, attributes: dict[str, str] | None = None, *, text: str = "") -> Element:
    """Add an element at the end of another and return it."""
    element = SubElement(parent, tag, {name: clean_text(value) for name, value in (attributes or {}).items()})
    element.text = clean_text(text) or None
    return element


def dump_xml(root: Element, doctype: str = "") -> bytes:
    """Write a document: UTF-8, indented by one space, lines ended by a newline.

    Parameters
    ----------
    root
        Its element; it is indented in place.
    doctype
        A line between the declaration and the root.
    """
    indent(root, " ")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' + (f"{doctype}\n" if doctype else "")
    return head.encode() + tostring(root, encoding="utf-8") + b"\n"
