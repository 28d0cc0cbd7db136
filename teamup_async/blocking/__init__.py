"""The client for code that is not async: the same methods and types, and it waits.

from teamup_async.blocking import TeamUp

with TeamUp() as teamup:
for row in teamup.reports.attendances(status=["attended"]):
print(row.customer.name)
"""

from .client import BulkPull, Lists, Reports, TeamUp
from .streams import ExportJob, RetrievableList, RowStream
from .waiting import Items

__all__ = ["BulkPull", "ExportJob", "Items", "Lists", "Reports", "RetrievableList", "RowStream", "TeamUp"]
