-- Without a search path of its own, which would cost as much as all the rest.
create or replace function search_words(content text) returns text
language plpgsql immutable strict parallel safe
as $$
begin
  -- What plain_name does to ASCII, and what the parser of PostgreSQL would take for a part of a word, an address or a number: all
  -- else it takes for blanks. The collation makes it the same in every locale.
  if octet_length(content) = length(content) then
    -- A tenth of the time of one translate.
    return lower(
      replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(content, '-', ' '), '.', ' '), '/', ' '), '@', ' '), ':', ' '), '_', ' '), '~', ' '), '<', ' '), '>', ' '), '&', ' '), '+', ' '), '''', ''), '`', '') collate "C"
    );
  end if;
  return regexp_replace(public.plain_name(content), '[./@:_~<>&+¡¢£¤¥¦§¨©«¬®¯°±¶¸»¿×÷…‰‱“”„‟«»‹›‽⁂†‡•‣※⁎⁑⁓⁕⁜⁞€№™←↑→↓−√∞≈≠≤≥■□▪▫●○★☆♀♂؛؟٪٫٬٭۔।॥፡።፣፤፥፦፧‖‗〈〉《》「」『』〖〗〜。〃]+', ' ', 'g');
end
$$;
comment on function search_words(text) is 'A text as the search compares it: as plain_name has it, and with blanks for what would join words';
revoke execute on function search_words(text) from public;
