"""Writing a letter: drafts, previews, opening, corrections."""
