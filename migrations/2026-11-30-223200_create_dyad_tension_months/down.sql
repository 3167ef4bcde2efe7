drop table bi_store.dyad_tension_months;
delete from bi_store.refreshes;
