"""XML files with a document type, indented, whole or not there."""

from pathlib import Path
from xml.etree import ElementTree as ET

from kling_post.exports.text_file import write_text


def child(parent: ET.Element, tag: str, text: object = None, **attributes: str) -> ET.Element:
    """A new last child; ``text`` is its content."""
    made = ET.SubElement(parent, tag, attributes)
    if text is not None:
        made.text = allowed(str(text))
    return made


def allowed(text: str) -> str:
    """Text without the control characters that no XML 1.0 file may hold."""
    return "".join(letter for letter in text if letter in "\t\n\r" or letter >= " ")


def write_xml(path: Path, root: ET.Element, doctype: str) -> None:
    """Write the tree under ``<!DOCTYPE doctype>``."""
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    write_text(path, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {doctype}>\n{body}\n')
