delete from identifier_schemes
where code in ('imo_company', 'aircraft_tail_number', 'aircraft_serial_number', 'mode_s', 'crypto_address');
