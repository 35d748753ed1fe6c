SELECT MAX(id) FROM token_families
