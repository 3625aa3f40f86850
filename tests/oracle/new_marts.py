"""Marts of decision 12 whose SQL is not there yet: each moves to compare.MARTS."""

from __future__ import annotations

from . import forecast, outlook
from .compare import Mart

NEW_MARTS: dict[str, Mart] = {
    **forecast.NEW_MARTS,
    **outlook.NEW_MARTS,
}
