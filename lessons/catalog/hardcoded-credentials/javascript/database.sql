CREATE TABLE stock (drug TEXT PRIMARY KEY, packs INTEGER);
INSERT INTO stock VALUES ('ibuprofen', 120), ('insulin', 8), ('morphine', 3);
