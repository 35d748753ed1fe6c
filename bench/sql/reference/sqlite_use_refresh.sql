UPDATE rt SET used = 1 WHERE h = ?1 AND used = 0 AND exp > ?2 RETURNING fam
