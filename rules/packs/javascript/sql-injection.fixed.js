const express = require("express");
const mysql = require("mysql2");
const { Pool } = require("pg");
const app = express();
const db = mysql.createConnection({ host: "localhost" });
const pool = new Pool();
const COLUMNS = { name: "last_name", date: "created_at" };

app.get("/patients", (req, res) => {
  const email = req.query.email;
  const query = "SELECT * FROM patients WHERE email = ?";
  // ruleid: javascript-sql-string-building
  db.query(query, [email], (err, rows) => res.json(rows));
});

app.get("/visits/:id", async (req, res) => {
  // ruleid: javascript-sql-string-building
  const found = await pool.query(`SELECT * FROM visits WHERE id = $1`, [req.params.id]);
  res.json(found.rows);
});

app.post("/search", (req, res) => {
  const { name } = req.body;
  let sql = "SELECT id FROM patients WHERE active = 1";
  const params = [];
  if (name) {
    sql += " AND name LIKE ?";
    params.push("%" + name + "%");
  }
  // ruleid: javascript-sql-string-building
  db.query(sql, params, (err, rows) => res.json(rows));
});

app.get("/safe/bound", (req, res) => {
  const email = req.query.email;
  // ok: javascript-sql-string-building
  db.query("SELECT * FROM patients WHERE email = ?", [email], (err, rows) => res.json(rows));
});

app.get("/safe/number", (req, res) => {
  const page = parseInt(req.query.page, 10) || 1;
  // ok: javascript-sql-string-building
  db.query("SELECT * FROM patients LIMIT 20 OFFSET " + page * 20, (err, rows) => res.json(rows));
});

app.get("/safe/allowlist", (req, res) => {
  const column = COLUMNS[req.query.sort] || "last_name";
  // ok: javascript-sql-string-building
  db.query("SELECT * FROM patients ORDER BY " + column, (err, rows) => res.json(rows));
});

app.get("/safe/constant", (req, res) => {
  const table = "patients";
  // ok: javascript-sql-string-building
  db.query("SELECT count(*) FROM " + table, (err, rows) => res.json(rows));
});
