alter table diplomatic_actions
  add column persons_min integer,
  add column persons_max integer,
  add constraint diplomatic_actions_persons_min_check check (persons_min >= 0),
  add constraint diplomatic_actions_persons_check check (persons_max >= coalesce(persons_min, 0));
comment on column diplomatic_actions.persons_min is 'People whom it concerns, at least, such as the diplomats who are expelled; not those killed';
comment on column diplomatic_actions.persons_max is 'People whom it concerns, at most';

insert into action_types (code, label, cameo_code, description) values
  ('visa_services_suspended', 'Visa services suspended', '172', 'Stops issuing visas to the citizens of another, in whole or for some classes'),
  ('visa_services_resumed', 'Visa services resumed', '081', 'Issues visas again after a suspension'),
  ('diplomats_withdrawn', 'Diplomats withdrawn', '161', 'Brings its own diplomats home or reduces its mission; the head of mission alone is ambassador_recalled'),
  ('aircraft_shot_down', 'Aircraft shot down', '190', 'Shoots down an aircraft or drone of another, meant or by mistake'),
  ('airspace_closed', 'Airspace closed', '172', 'Closes its airspace to the aircraft of another by order; by force it is blockade_imposed'),
  ('airspace_opened', 'Airspace opened', '081', 'Opens its airspace to another again'),
  ('dispute_opened', 'Dispute proceedings opened', '115', 'Starts proceedings against another in an organization or before arbitrators, such as at the World Trade Organization; before a court it is lawsuit'),
  ('dispute_suspended', 'Dispute proceedings suspended', '080', 'Suspends proceedings that it started against another'),
  ('dispute_ended', 'Dispute proceedings ended', '080', 'Withdraws or settles proceedings that it started against another'),
  ('denial', 'Denial', '016', 'Denies that it did what another accuses it of');
