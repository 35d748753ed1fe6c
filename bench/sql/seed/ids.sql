UPDATE id_blocks SET next_id = next_id + {count} WHERE name = 'ids' RETURNING next_id - {count}
