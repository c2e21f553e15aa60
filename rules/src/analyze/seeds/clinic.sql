-- Patients and their visits.
CREATE TABLE visits (
  id SERIAL PRIMARY KEY,
  patient INTEGER NOT NULL,
  note TEXT DEFAULT 'none'
);

INSERT INTO visits (patient, note) VALUES (1, 'it''s fine'), (2, NULL);

SELECT v.id, p.name AS patient
FROM visits v
JOIN patients p ON p.id = v.patient
WHERE v.note LIKE '%fine%' AND p.age > 18
ORDER BY v.id DESC;

GRANT SELECT ON visits TO PUBLIC;
