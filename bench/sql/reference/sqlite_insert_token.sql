INSERT INTO tok (h, client, exp) VALUES (?1, ?2, ?3)
