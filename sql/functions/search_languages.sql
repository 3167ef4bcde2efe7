create or replace function search_languages() returns jsonb
language sql immutable parallel safe
return '{
  "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
  "hu": "hungarian", "it": "italian", "nb": "norwegian", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese",
  "ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish"
}'::jsonb;
comment on function search_languages() is 'The languages whose endings the search knows: the code of each, and the name of its text search configuration';
revoke execute on function search_languages() from public;
