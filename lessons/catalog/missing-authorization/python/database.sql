CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, role TEXT);
INSERT INTO users VALUES (1, 'Ms. Oyelaran', 'teacher'), (2, 'Tim', 'pupil'), (3, 'Nadia', 'pupil'), (4, 'Mr. Brandt', 'teacher');
CREATE TABLE marks (id INTEGER PRIMARY KEY, pupil TEXT, mark INTEGER);
INSERT INTO marks VALUES (1, 'Tim', 4), (2, 'Nadia', 1), (3, 'Ilir', 2);
