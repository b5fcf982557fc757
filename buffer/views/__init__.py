"""The pages of a buffertförråd, made for a phone in a storeroom."""
