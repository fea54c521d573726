"""What is destroyed: erasures, retention, holds, and what a crash left."""
