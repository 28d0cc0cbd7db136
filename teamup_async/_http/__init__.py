"""Requests and their answers: tries, quota, connections."""
