"""Professions, regions and languages: data with translations, each extensible by a host's own files."""
