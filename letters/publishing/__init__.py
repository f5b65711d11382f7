"""An edition: figures that are safe to show, names in shuffled order, pseudonyms."""
