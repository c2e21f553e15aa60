CREATE TABLE recordings (id INTEGER PRIMARY KEY, hearing TEXT, witness TEXT);
INSERT INTO recordings VALUES
  (1, 'State v. Morel, day 1', 'M. Keita'),
  (2, 'State v. Morel, day 2', 'L. Sanders'),
  (3, 'Okafor v. City of Hallberg', 'P. Novak');
