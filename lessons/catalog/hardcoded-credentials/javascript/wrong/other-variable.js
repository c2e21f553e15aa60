// A pharmacy's stock: what is there, and how much of it.
const express = require('express');
const { Pool } = require('pg');

const app = express();
const pool = new Pool({
  host: process.env.DB_HOST,
  database: 'pharmacy',
  user: 'stock',
  password: process.env.PASSWORD,
});

app.get('/stock/:drug', async (req, res) => {
  try {
    const found = await pool.query('SELECT drug, packs FROM stock WHERE drug = $1', [req.params.drug]);
    if (found.rowCount === 0) return res.status(404).json({ error: 'We do not keep this drug.' });
    res.json(found.rows[0]);
  } catch (error) {
    res.status(503).json({ error: 'The stock cannot be read at the moment.' });
  }
});

app.get('/opening-hours', (req, res) => {
  res.json({ weekdays: '8:00 to 18:30' });
});

module.exports = app;
