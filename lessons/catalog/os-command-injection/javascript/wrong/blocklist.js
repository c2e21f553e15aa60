// A hospital's technicians check from their phones whether a device on a ward answers.
const express = require('express');
const { exec } = require('child_process');

const app = express();

app.get('/ping', (req, res) => {
  const host = String(req.query.host || '').replace(/[;&|<>]/g, '');
  if (!host) return res.status(400).json({ error: 'Which device?' });
  exec('ping -c 1 ' + host, (error, output) => {
    res.json({ reachable: !error, output });
  });
});

app.get('/on-call', (req, res) => {
  res.json({ technician: 'D. Marin', phone: '5512' });
});

module.exports = app;
