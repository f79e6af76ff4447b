"""What have families, courts and practitioners said about a child, and what stops when that changes?"""
