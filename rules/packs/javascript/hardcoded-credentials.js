const mysql = require("mysql2");
const jwt = require("jsonwebtoken");

// ruleid: javascript-hardcoded-credential
const dbPassword = "Kx7!vQ2m#rT9";
// ruleid: javascript-hardcoded-credential
const API_KEY = "9f86d081884c7d659a2feaa0c55ad015";

const db = mysql.createConnection({
  host: "localhost",
  user: "clinic",
  // ruleid: javascript-hardcoded-credential
  password: "s3cr3t-Clinic-2024",
});

function issue(user) {
  // ruleid: javascript-hardcoded-credential
  return jwt.sign({ id: user.id }, "w8Zr!kP0qLs7uVb2");
}

// ok: javascript-hardcoded-credential
const password = process.env.DB_PASSWORD;
// ok: javascript-hardcoded-credential
const token = "";
// ok: javascript-hardcoded-credential
const secret = "changeme";
// ok: javascript-hardcoded-credential
const apiKey = "<your api key here>";
// ok: javascript-hardcoded-credential
const passwordField = "password";
// ok: javascript-hardcoded-credential
const messages = { password: "Please enter your password" };
// ok: javascript-hardcoded-credential
const tokenUrl = "https://auth.example.org/token";
