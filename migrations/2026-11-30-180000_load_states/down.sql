-- The actors take their names, countries and identifiers with them; one that is still referred to stops it.
delete from relationships where id = '01a2027b-d680-7fec-90af-1dfd65ad160e';
delete from actors
where id between '01a2027b-d680-7019-9db5-2c42f2e6e408' and '01a2027b-d680-7fb7-8f36-709a7530ccab';
delete from countries;
