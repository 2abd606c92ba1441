"""Maps: a TOML text that says how a file of any shop reads, and the reader that it makes."""
