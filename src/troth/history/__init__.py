"""History: what people and the organisation did, as events; checked, and ready to be folded to intervals."""
