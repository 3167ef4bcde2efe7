-- What is counted of actions, year by year and class by class, is read from here alone: a tenth of the table.
create index diplomatic_actions_events_idx
  on diplomatic_actions (cameo_code, occurred_on_earliest, occurred_on_latest, modality, claim_status);
