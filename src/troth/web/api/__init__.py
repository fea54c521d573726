"""The endpoints under ``/v1``: one file for each resource, each row checked against the table of rights."""
