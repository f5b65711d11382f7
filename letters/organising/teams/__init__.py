"""Teams: members and their roles, the keys of their letters, the trail of their acts."""
