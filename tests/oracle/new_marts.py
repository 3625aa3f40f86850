"""Marts of decision 12 whose SQL is not there yet: each moves to compare.MARTS."""

from __future__ import annotations

from . import calibration, channels, feature_retention, forecast, outlook
from .compare import Mart

NEW_MARTS: dict[str, Mart] = {
    **channels.NEW_MARTS,
    **calibration.NEW_MARTS,
    **feature_retention.NEW_MARTS,
    **forecast.NEW_MARTS,
    **outlook.NEW_MARTS,
}
