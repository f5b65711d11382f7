"""Defending a letter: looking through signatures, holding, accepting, voiding."""
