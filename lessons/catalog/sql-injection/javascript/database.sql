CREATE TABLE patients (id INTEGER PRIMARY KEY, name TEXT, email TEXT, diagnosis TEXT);
INSERT INTO patients VALUES
  (1, 'Amina Haddad', 'amina@post.example', 'type 1 diabetes'),
  (2, 'Siobhan O''Neill', 'siobhan.o''neill@post.example', 'pregnancy, 14 weeks'),
  (3, 'Jonas Weber', 'jonas+clinic@post.example', 'HIV, in treatment'),
  (4, 'Mei Lin', 'mei.lin@post.example', 'depression');
CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, pin TEXT);
INSERT INTO staff VALUES (1, 'Dr. Osei', '4711'), (2, 'Nurse Petrova', '8265');
CREATE TABLE wards (name TEXT, beds INTEGER);
INSERT INTO wards VALUES ('Maternity', 12), ('Cardiology', 20);
