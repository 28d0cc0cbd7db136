"""Export jobs, below what users hold: what is said to TeamUp about a job (`job`), and the file it makes (`file`)."""
