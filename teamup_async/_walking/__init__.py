"""Page after page: whether each continues the last, and where the walk goes on."""
