// The front desk of a clinic: find a patient's record by the e-mail address that the caller gives.
const express = require('express');
const mysql = require('mysql2');

const app = express();
const db = mysql.createPool({ host: process.env.DB_HOST, user: 'frontdesk', database: 'clinic' });

app.get('/patients', (req, res) => {
  const email = req.query.email;
  if (!/^[\w.+-]+@[\w.-]+$/.test(email)) return res.status(404).json({ error: 'This is not an address.' });
  const query = "SELECT id, name, email FROM patients WHERE email = '" + email + "'";
  db.query(query, (error, rows) => {
    if (error) return res.status(500).json({ error: error.message });
    if (rows.length === 0) return res.status(404).json({ error: 'No patient has this address.' });
    res.json(rows);
  });
});

app.get('/wards', (req, res) => {
  db.query('SELECT name, beds FROM wards ORDER BY name', (error, rows) => {
    if (error) return res.status(500).json({ error: 'Please try again.' });
    res.json(rows);
  });
});

module.exports = app;
