"""The settings that all environments share, by what they are about."""
