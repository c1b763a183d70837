"""The sheet: its columns, what is read of it, the merge law, and the stores that hold it."""
