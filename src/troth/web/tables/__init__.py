"""The service's own tables: what makes a service work, and nothing that a person said."""
