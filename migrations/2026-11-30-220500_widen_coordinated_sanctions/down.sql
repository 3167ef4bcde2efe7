alter table bi_store.coordinated_sanctions
  drop column earlier_precision,
  drop column later_precision,
  drop column least_days_apart,
  drop column most_days_apart;
