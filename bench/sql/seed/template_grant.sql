SELECT MAX(id) FROM grants
