"""What the accounting services know of the company they post for."""
