const express = require("express");
const mysql = require("mysql2");
const { requireLogin, requireRole } = require("./auth");
const { database } = require("./config");

const router = express.Router();
const db = mysql.createPool(database);

// The e-mail address becomes part of the query's code.
router.get("/patients", requireLogin, (req, res, next) => {
  const email = req.query.email;
  const query = "SELECT id, name FROM patients WHERE email = '" + email + "'";
  db.query(query, (error, rows) => (error ? next(error) : res.json(rows)));
});

// Safe: the driver passes the name as a value.
router.get("/patients/by-name", requireLogin, (req, res, next) => {
  const query = "SELECT id, name FROM patients WHERE name = ?";
  db.query(query, [req.query.name], (error, rows) => (error ? next(error) : res.json(rows)));
});

// Safe: nothing of the request gets into this query.
router.get("/patients/recent", requireLogin, (req, res, next) => {
  const since = "2024-01-01";
  db.query("SELECT id, name FROM patients WHERE seen > '" + since + "'", (error, rows) =>
    error ? next(error) : res.json(rows),
  );
});

// Everybody who knows a number can delete that patient.
router.post("/patients/:id/delete", (req, res, next) => {
  db.query("DELETE FROM patients WHERE id = ?", [req.params.id], (error) =>
    error ? next(error) : res.redirect("/patients"),
  );
});

// Safe: only a doctor gets past the guard.
router.post("/patients/:id/discharge", requireRole("doctor"), (req, res, next) => {
  db.query("UPDATE patients SET discharged = NOW() WHERE id = ?", [req.params.id], (error) =>
    error ? next(error) : res.redirect("/patients"),
  );
});

module.exports = router;
