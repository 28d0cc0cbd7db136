"""The commands, one file each. A module has `app`, and `build(endpoints)` where it depends on the endpoints."""
