select unregister_properties(resource) from record_kinds where reference is not null;
select unregister_record('property_names');

drop table property_names;
