"""Pulls on engines that run on many machines: `integrations.dask` and `integrations.spark`, each with an extra."""
