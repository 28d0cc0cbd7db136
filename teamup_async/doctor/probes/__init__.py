"""All probes, in the order in which they run: later ones build on what earlier ones found."""

from __future__ import annotations

from typing import Final

from . import access, answers, order, pages, parameters, refusals
from .base import Probe

__all__ = ["PROBES", "Probe"]

PROBES: Final[tuple[Probe, ...]] = (
    access.bad_token,
    access.headers,
    access.report_headers,
    access.not_asked,
    parameters.format_json,
    parameters.arrays,
    parameters.unknown_parameters,
    parameters.column_names,
    parameters.default_columns,
    order.ties,
    order.sort_by_id,
    order.sort_priority,
    pages.paging,
    pages.page_past_end,
    pages.largest_page,
    pages.total,
    order.id_gt,
    answers.shapes,
    parameters.grouped_id_gt,
    answers.pivot_keys,
    answers.money_keys,
    parameters.list_arrays,
    pages.list_page_past_end,
    answers.csv_header,
    refusals.error_body,
    refusals.retry_after,
    answers.gzip,
)
