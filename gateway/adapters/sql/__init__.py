"""The store: what is true, kept on disk. It decides nothing, and sees nothing personal that is not sealed."""
