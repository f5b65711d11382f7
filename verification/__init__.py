"""What is proven: who signed (sealed), that a mailbox is theirs, and later the log. Never imports flask or letters."""
