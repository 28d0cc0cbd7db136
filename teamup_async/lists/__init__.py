"""The lists that TeamUp offers, one file each."""
