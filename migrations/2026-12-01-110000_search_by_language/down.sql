-- The vectors of before are a part of these.
select;
