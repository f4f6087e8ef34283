"""Turn plates into one document: imprinted, tags kept, written whole or not at all."""
