"""Starting the typesetter, the one way there is: in a process of its own, which gives back its memory when it ends."""
