"""Counts of grouped reports as charts: `data` arranges them, `words` names them, `terminal` and `figure` draw."""
