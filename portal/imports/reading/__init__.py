"""What readers share: cells, groups of rows, the words of a shop's own system."""
