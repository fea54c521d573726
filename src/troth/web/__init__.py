"""The door over HTTP: the service, the person's pages and the operator's console."""
