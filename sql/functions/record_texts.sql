create or replace function record_texts(document jsonb) returns jsonb[]
language plpgsql immutable strict parallel safe set search_path = pg_catalog, public, pg_temp
as $$
declare
  -- Strict, because lax mode also looks into each array that it returns.
  texts constant jsonpath := 'strict $.** ? (@.type() == "string")';
begin
  return array[
    jsonb_path_query_array(
      jsonb_build_array(
        document -> 'code', document -> 'name', document -> 'title', jsonb_path_query_array(document, '$.names[*].name')
      ),
      texts
    ),
    jsonb_path_query_array(
      jsonb_build_array(
        document -> 'summary', document -> 'reason', document -> 'lift_reason', document -> 'condition',
        document -> 'description', document -> 'legal_basis', document -> 'provisions', document -> 'notes',
        document -> 'role', document -> 'channel', document -> 'place',
        jsonb_path_query_array(document, '$.addresses[*].full'), jsonb_path_query_array(document, '$.addresses[*].street'),
        jsonb_path_query_array(document, '$.addresses[*].city'), jsonb_path_query_array(document, '$.addresses[*].region'),
        jsonb_path_query_array(document, '$.addresses[*].postal_code'), document -> 'properties'
      ),
      texts
    ),
    jsonb_path_query_array(
      jsonb_build_array(
        document -> 'list_code', document -> 'list_part', document -> 'list_uid', document -> 'publisher',
        document -> 'author', document -> 'url', document -> 'archive_url',
        jsonb_path_query_array(document, '$.identifiers[*].value'),
        jsonb_path_query_array(document, '$.external_keys[*].value'), jsonb_path_query_array(document, '$.citations[*].quote')
      ),
      texts
    )
  ];
end
$$;
comment on function record_texts(jsonb) is 'The texts of a record''s document that are searched, in three arrays: names and titles; reasons, summaries, descriptions and the like; identifiers, keys, publishers, authors, addresses on the web and quotes';
revoke execute on function record_texts(jsonb) from public;
