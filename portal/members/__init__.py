"""Members: people, how they sign in, and everything that ever happened to them in one timeline."""
