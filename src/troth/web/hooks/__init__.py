"""Webhooks: CloudEvents, signed as Standard Webhooks, sent until they arrive."""
