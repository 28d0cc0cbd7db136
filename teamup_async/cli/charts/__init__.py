"""Counts of grouped reports as charts: `data` arranges them, `words` names them, `terminal` and `figure` draw.

`named` declares the charts that have a name, `ways` arranges those that are more than counts.
"""
