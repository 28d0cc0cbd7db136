"""The sandbox's data: a seeded studio, its SQLite tables, and how an endpoint reads them."""
