"""How do documents come in as files? Never takes a file that is still being written, never follows a link."""
