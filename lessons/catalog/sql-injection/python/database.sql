CREATE TABLE cases (number INTEGER PRIMARY KEY, title TEXT, judge TEXT, sealed INTEGER);
INSERT INTO cases VALUES
  (1041, 'Okafor v. City of Hallberg', 'Judge Lindqvist', 0),
  (1042, 'In re adoption of a minor', 'Judge Abara', 1),
  (1043, 'State v. Morel', 'Judge Abara', 0),
  (1044, 'Witness protection of R. S.', 'Judge Lindqvist', 1);
CREATE TABLE witnesses (name TEXT, address TEXT);
INSERT INTO witnesses VALUES ('R. S.', '14 Harbour Lane'), ('T. N.', '3 Mill Street');
