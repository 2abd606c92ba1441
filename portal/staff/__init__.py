"""The agents' desk and the owner's pages."""
