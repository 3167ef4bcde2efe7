-- The keys follow from the function, which is not part of the migrations.
select 1;
