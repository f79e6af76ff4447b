"""May it go, and what follows? What is known is gathered, the rules are asked, and the answer is stored."""
