"""What only Excel writes into a workbook: a macro project, sparklines, a slicer's cache. Put in by hand."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

MACRO = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a macro project, which nobody but Excel reads"
MACRO_PART = "xl/vbaProject.bin"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_MAIN = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_MACRO_TYPE = '<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
_MACRO_LINE = (
    '<Relationship Id="rIdMacro" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" '
    'Target="vbaProject.bin"/>'
)
SPARKLINES = (
    '<extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
    '<x14:sparklineGroups xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    '<x14:sparklineGroup displayEmptyCellsAs="gap"><x14:colorSeries rgb="FF376092"/>'
    "<x14:sparklines><x14:sparkline><xm:f>'Key Results'!C2:D2</xm:f><xm:sqref>I2</xm:sqref></x14:sparkline>"
    "</x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext></extLst>"
)


def add_macro_and_sparklines(path: Path, sheet: str = "xl/worksheets/sheet1.xml") -> Path:
    """Save the workbook anew as a macro-enabled one (.xlsm), with sparklines in a sheet. Returns its path."""
    with zipfile.ZipFile(path) as source:
        parts = {info.filename: source.read(info) for info in source.infolist()}
    types = parts["[Content_Types].xml"].decode().replace(_MAIN, _MACRO_MAIN)
    parts["[Content_Types].xml"] = types.replace("</Types>", f"{_MACRO_TYPE}</Types>").encode()
    lines = "xl/_rels/workbook.xml.rels"
    parts[lines] = parts[lines].decode().replace("</Relationships>", f"{_MACRO_LINE}</Relationships>").encode()
    parts[sheet] = parts[sheet].decode().replace("</worksheet>", f"{SPARKLINES}</worksheet>").encode()
    parts[MACRO_PART] = MACRO
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    made = path.with_suffix(".xlsm")
    made.write_bytes(sink.getvalue())
    return made
