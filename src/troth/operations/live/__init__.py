"""What a running service asks of a workspace: one file for each verb, with typed results and without HTTP."""
