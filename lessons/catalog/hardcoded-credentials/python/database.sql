CREATE TABLE results (sample TEXT PRIMARY KEY, value TEXT);
INSERT INTO results VALUES ('S-1001', 'HbA1c 6.1 %'), ('S-1002', 'HIV test: negative'), ('S-1003', 'haemoglobin 13.2 g/dl');
