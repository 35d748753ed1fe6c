SELECT exp FROM tok WHERE h = ?1
