"""How the database came to look as it does. A migration that was released is never edited."""
