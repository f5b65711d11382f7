"""The paper that organisers hand to a letter's addressee: the letter, its figures, its public names, how to check."""
