"""Many walks into one sink: what is planned, run, saved, and read again by a sync. The public face is `bulk`."""
