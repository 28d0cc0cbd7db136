"""Other programs that pull: `integrations.dask`, `integrations.dlt` and `integrations.spark`, each with an extra."""
