"""What runs programs: recorded, stepped, scheduled, in every order, on four backends."""
