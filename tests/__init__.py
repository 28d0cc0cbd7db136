"""The tests. Helpers are imported from here: `from tests.somewhere import helper`."""
