select 'sanctions' as resource, imposed.sanction_id as id, 'programme' as role
from sanction_programmes as imposed
where imposed.programme_id = wanted.id
