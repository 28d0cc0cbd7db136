"""The reports, one file each: query, row, endpoint."""
