"""Run reports: how a pull or a sync went, as a JSON document and as a page for a person."""
