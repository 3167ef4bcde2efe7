create or replace aggregate decayed_sum(remaining double precision, added double precision) (
  sfunc = decay,
  stype = double precision,
  initcond = '0',
  parallel = safe
);
comment on aggregate decayed_sum(double precision, double precision) is
  'Sum that decays: before each addition of the second argument, only the share in the first argument remains';
