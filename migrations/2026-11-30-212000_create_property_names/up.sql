-- The registry of names of properties: what the values of a name must be, in every table of records.

create table property_names (
  code text not null,
  label text not null,
  description text,
  value_type text not null,
  words text[] not null default '{}',
  applies_to text[] not null default '{}',
  ftm_name text,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint property_names_pkey primary key (code),
  constraint property_names_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint property_names_label_check check (label ~ '\S'),
  constraint property_names_label_clean_check check (is_clean_line(label)),
  constraint property_names_description_clean_check check (is_clean_text(description)),
  constraint property_names_value_type_check check (value_type in ('text', 'word', 'date', 'number', 'country', 'url')),
  constraint property_names_value_type_clean_check check (is_clean_line(value_type)),
  constraint property_names_words_check check ((value_type = 'word') = (cardinality(words) > 0)),
  constraint property_names_words_form_check check (array_to_string(words, ' ', ' ') ~ '^([a-z][a-z0-9_]*( [a-z][a-z0-9_]*)*)?$'),
  constraint property_names_applies_to_check check (
    applies_to = '{}'
    or array_to_string(applies_to, ' ', ' ') ~ '^[a-z][a-z_-]*(/[a-z][a-z0-9_]*)?( [a-z][a-z_-]*(/[a-z][a-z0-9_]*)?)*$'
  ),
  constraint property_names_ftm_name_check check (ftm_name ~ '^[a-z][A-Za-z0-9]*$'),
  constraint property_names_version_check check (version > 0),
  constraint property_names_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint property_names_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
comment on table property_names is 'Registered names of properties of records; other names take any text';
comment on column property_names.code is 'Stable word used in records (properties) and filters (property.gender=female)';
comment on column property_names.label is 'The word as a person reads it';
comment on column property_names.description is 'What belongs under it';
comment on column property_names.value_type is 'What each value must be: text, word (one of words), date (a partial date), number, country (a code of countries) or url';
comment on column property_names.words is 'The words that are allowed, for value_type word; empty for the others';
comment on column property_names.applies_to is 'The records that the name is meant for: resources such as sanctions, or kinds of actors such as actors/vessel; empty for all. It is advice: no record is refused for it';
comment on column property_names.ftm_name is 'Name of the property in FollowTheMoney; null where it has none';
comment on column property_names.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column property_names.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column property_names.created_at is 'When the registry learned of the entry';
comment on column property_names.updated_at is 'When the entry last changed in the registry';

insert into property_names (code, label, value_type, words, applies_to, ftm_name, description) values
  ('gender', 'Gender', 'word', '{female,male,other}', '{actors/person}', 'gender', 'Gender of a person, in the words of FollowTheMoney'),
  ('title', 'Title', 'text', '{}', '{actors/person}', 'title', 'Form of address or academic, religious or military title, as a list states it'),
  ('position', 'Position', 'text', '{}', '{actors/person}', 'position', 'Office or function that a person holds or held, as a list states it; a tie with dates is a relationship'),
  ('birth_date', 'Further date of birth', 'date', '{}', '{actors/person}', 'birthDate', 'Another date of birth than began_on that a list states'),
  ('birth_place', 'Place of birth', 'text', '{}', '{actors/person}', 'birthPlace', 'Where a person was born, as a list states it'),
  ('birth_country', 'Country of birth', 'country', '{}', '{actors/person}', 'birthCountry', 'Country in which a person was born'),
  ('nationality', 'Stated nationality', 'country', '{}', '{actors/person}', 'nationality', 'Nationality that a list states and that is not among the countries of the actor'),
  ('father_name', 'Name of the father', 'text', '{}', '{actors/person}', 'fatherName', 'Name of a person''s father'),
  ('mother_name', 'Name of the mother', 'text', '{}', '{actors/person}', 'motherName', 'Name of a person''s mother'),
  ('ethnicity', 'Ethnicity', 'text', '{}', '{actors/person}', 'ethnicity', 'Ethnic group, as a list states it'),
  ('religion', 'Religion', 'text', '{}', '{actors/person}', 'religion', 'Religion, as a list states it'),
  ('profession', 'Profession', 'text', '{}', '{actors/person}', 'profession', 'Occupation of a person'),
  ('education', 'Education', 'text', '{}', '{actors/person}', 'education', 'Schools and degrees of a person'),
  ('political', 'Political party', 'text', '{}', '{actors/person}', 'political', 'Political affiliation, as a list states it'),
  ('spoken_language', 'Spoken language', 'text', '{}', '{actors/person}', 'spokenLanguage', 'Language that a person speaks'),
  ('height', 'Height', 'number', '{}', '{actors/person}', 'height', 'Height of a person in centimetres'),
  ('weight', 'Weight', 'number', '{}', '{actors/person}', 'weight', 'Weight of a person in kilograms'),
  ('hair_color', 'Hair colour', 'text', '{}', '{actors/person}', 'hairColor', 'Colour of a person''s hair'),
  ('eye_color', 'Eye colour', 'text', '{}', '{actors/person}', 'eyeColor', 'Colour of a person''s eyes'),
  ('appearance', 'Appearance', 'text', '{}', '{actors/person}', 'appearance', 'Marks by which a person is recognized, such as scars'),
  ('legal_form', 'Legal form', 'text', '{}', '{actors/company,actors/organization}', 'legalForm', 'Legal form of a company or organization'),
  ('sector', 'Sector', 'text', '{}', '{actors/company,actors/organization}', 'sector', 'Branch of the economy'),
  ('topic', 'Topic', 'text', '{}', '{actors,programmes}', 'topics', 'Subject by which a dataset classifies the record'),
  ('flag', 'Stated flag', 'country', '{}', '{actors/vessel}', 'flag', 'Flag that a list states and that is not among the countries of the vessel'),
  ('former_flag', 'Former flag', 'country', '{}', '{actors/vessel}', 'pastFlags', 'Flag that a vessel had before and whose dates are not known'),
  ('vehicle_type', 'Type of vessel or aircraft', 'text', '{}', '{actors/vessel,actors/aircraft}', 'type', 'Type of a vessel or aircraft, such as crude oil tanker'),
  ('former_vehicle_type', 'Former type of vessel', 'text', '{}', '{actors/vessel}', 'pastTypes', 'Type that a vessel had before'),
  ('tonnage', 'Tonnage', 'number', '{}', '{actors/vessel}', 'tonnage', 'Tonnage that a list states without its measure'),
  ('gross_registered_tonnage', 'Gross registered tonnage', 'number', '{}', '{actors/vessel}', 'grossRegisteredTonnage', 'Gross registered tonnage of a vessel'),
  ('deadweight_tonnage', 'Deadweight tonnage', 'number', '{}', '{actors/vessel}', 'deadweightTonnage', 'Deadweight of a vessel in tonnes'),
  ('length', 'Length', 'number', '{}', '{actors/vessel}', null, 'Length of a vessel in metres'),
  ('call_sign', 'Stated call sign', 'text', '{}', '{actors/vessel,actors/aircraft}', 'callSign', 'Call sign that is not among the identifiers, whose scheme is call_sign'),
  ('mmsi', 'Stated MMSI', 'text', '{}', '{actors/vessel}', 'mmsi', 'Maritime Mobile Service Identity that is not among the identifiers, whose scheme is mmsi'),
  ('registration_port', 'Port of registration', 'text', '{}', '{actors/vessel}', 'registrationPort', 'Home port of a vessel'),
  ('navigation_area', 'Navigation area', 'text', '{}', '{actors/vessel}', 'navigationArea', 'Waters in which a vessel may sail'),
  ('build_date', 'Date of manufacture', 'date', '{}', '{actors/vessel,actors/aircraft}', 'buildDate', 'When a vessel or aircraft was built, if that is not began_on'),
  ('model', 'Model', 'text', '{}', '{actors/aircraft,actors/vessel}', 'model', 'Model of an aircraft, such as A340-313'),
  ('manufacturer', 'Manufacturer', 'text', '{}', '{actors/aircraft}', 'manufacturer', 'Who built an aircraft'),
  ('owner', 'Stated owner', 'text', '{}', '{actors/vessel,actors/aircraft}', 'owner', 'Owner that a list names; an owner that is an actor is the subject of a relationship'),
  ('operator', 'Stated operator', 'text', '{}', '{actors/vessel,actors/aircraft}', 'operator', 'Operator that a list names; an operator that is an actor is the subject of a relationship'),
  ('amendment_date', 'Date of amendment', 'date', '{}', '{sanctions,actors}', null, 'Day on which a list amended the entry (UN: LAST_DAY_UPDATED)'),
  ('duration', 'Duration', 'number', '{}', '{sanctions}', 'duration', 'How many days a sanction lasts, as its act states'),
  ('secondary_sanctions_risk', 'Secondary sanctions risk', 'text', '{}', '{sanctions,actors}', null, 'The regulation under which those who deal with the target risk sanctions themselves (OFAC: Secondary sanctions risk)'),
  ('prohibited_transactions', 'Prohibited transactions', 'text', '{}', '{sanctions,actors}', null, 'Transactions that are prohibited to certain persons beyond the measures (OFAC: Transactions Prohibited For Persons …)'),
  ('document_note', 'Note on a document', 'text', '{}', '{actors/person}', null, 'What a list notes about a passport or other document'),
  ('linked_to', 'Linked to', 'text', '{}', '{actors}', null, 'Name of another entry to which a list links the actor without saying how (OFAC: Linked To); a known tie is a relationship'),
  ('note', 'Note', 'text', '{}', '{}', 'notes', 'A remark of a list that no other name fits'),
  ('source_url', 'Address at the source', 'url', '{}', '{}', 'sourceUrl', 'Web address of the entry at its source');

create trigger property_names_check_values after insert or update of value_type, words on property_names
  for each row execute function check_property_name();

select register_vocabulary('property_names');
select register_properties(resource) from record_kinds where reference is not null;
