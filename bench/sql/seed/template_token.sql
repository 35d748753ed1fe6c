SELECT MAX(id) FROM tokens WHERE refresh_hash IS NOT NULL
