-- As-of reads find the actions that link to one; see action_links_to.
create index revisions_links_idx on revisions using gin (jsonb_path_query_array(document, '$.links[*].action.id'))
  where resource = 'diplomatic_actions';
