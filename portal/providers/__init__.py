"""Other people's keys: OpenID Connect and its relatives."""
