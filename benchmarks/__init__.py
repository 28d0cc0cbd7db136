"""Benchmarks of teamup_async beside floors and peers; run with ``python -m benchmarks``."""
