"""Orders that a member proves to be theirs."""
