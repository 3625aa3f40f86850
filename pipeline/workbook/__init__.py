"""The monthly pack as an Excel workbook: `pack` selects, `sheets` writes."""

from pipeline.workbook.pack import monthly_pack

__all__ = ["monthly_pack"]
