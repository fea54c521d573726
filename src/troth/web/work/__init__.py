"""Long work: jobs that are taken up again after whatever stopped them."""
