// A court keeps sound recordings of its hearings. Clerks look after them.
const express = require('express');
const session = require('express-session');
const Database = require('better-sqlite3');

const app = express();
const db = new Database('court.db');
app.use(express.json());
app.use(session({ secret: process.env.SESSION_SECRET, resave: false, saveUninitialized: false }));

function requireRole(role) {
  return (req, res, next) => {
    const user = req.session.user;
    if (!user) return res.status(401).json({ error: 'Please log in.' });
    if (user.role !== role) return res.status(403).json({ error: 'This is for the ' + role + '.' });
    next();
  };
}

app.get('/recordings', requireRole('clerk'), (req, res) => {
  res.json(db.prepare('SELECT id, hearing, witness FROM recordings ORDER BY id').all());
});

app.post('/recordings', requireRole('clerk'), (req, res) => {
  const { hearing, witness } = req.body;
  const added = db.prepare('INSERT INTO recordings (hearing, witness) VALUES (?, ?)').run(hearing, witness);
  res.status(201).json({ id: added.lastInsertRowid });
});

app.put('/recordings/:id', requireRole('clerk'), (req, res) => {
  const changed = db.prepare('UPDATE recordings SET hearing = ? WHERE id = ?').run(req.body.hearing, req.params.id);
  res.status(changed.changes ? 200 : 404).json({ changed: changed.changes });
});

app.delete('/recordings/:id', (req, res) => {
  if (req.query.role !== 'clerk') return res.status(403).json({ error: 'This is for the clerk.' });
  const removed = db.prepare('DELETE FROM recordings WHERE id = ?').run(req.params.id);
  res.status(removed.changes ? 200 : 404).json({ removed: removed.changes });
});

app.get('/opening-hours', (req, res) => {
  res.json({ weekdays: '8:00 to 15:30' });
});

module.exports = app;
