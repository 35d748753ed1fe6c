INSERT INTO rt (h, fam, used, exp) VALUES (?1, ?2, 0, ?3)
