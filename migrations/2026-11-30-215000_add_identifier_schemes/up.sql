insert into identifier_schemes (code, label, is_unique, pattern, description) values
  ('imo_company', 'IMO company number', true, '^[0-9]{7}$', 'Seven digits that a shipping company or registered owner keeps, without the letters IMO; the last is a check digit of its own kind'),
  ('aircraft_tail_number', 'Aircraft tail number', false, '^[A-Z0-9]{1,4}(-[A-Z0-9]{1,6}|[A-Z0-9]{0,6})$', 'Registration mark of an aircraft, such as EP-MNA, which changes with its register'),
  ('aircraft_serial_number', 'Aircraft serial number', false, null, 'Serial number that the manufacturer gave to an aircraft (MSN, construction number)'),
  ('mode_s', 'Mode S address', false, '^[0-9A-F]{6}$', 'Address of 24 bits that the transponder of an aircraft sends, in six hexadecimal digits; it changes with its register'),
  ('crypto_address', 'Cryptocurrency address with currency', false, '^[A-Z0-9]{2,10}:[^[:space:]:]+$', 'Code of the currency, a colon and the address, such as XBT:12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h');
