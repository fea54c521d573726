"""What takes the place of sensitive data: a tag, a surrogate, a pseudonym, a mask, or nothing at all."""
