drop function merges_from(uuid);
