INSERT INTO rt (h, fam, used, exp)
SELECT h, SUBSTR(h, 1, 16), 0, $2 FROM UNNEST($1::BYTEA[]) AS new (h)
