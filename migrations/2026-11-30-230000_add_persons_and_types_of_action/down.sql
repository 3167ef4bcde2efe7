delete from action_types
where code in (
  'visa_services_suspended', 'visa_services_resumed', 'diplomats_withdrawn', 'aircraft_shot_down', 'airspace_closed',
  'airspace_opened', 'dispute_opened', 'dispute_suspended', 'dispute_ended', 'denial'
);
alter table diplomatic_actions
  drop column persons_min,
  drop column persons_max;
