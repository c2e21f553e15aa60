const mysql = require("mysql2");
const jwt = require("jsonwebtoken");

// ruleid: javascript-hardcoded-credential
const dbPassword = process.env.DB_PASSWORD;
// ruleid: javascript-hardcoded-credential
const API_KEY = process.env.API_KEY;

const db = mysql.createConnection({
  host: "localhost",
  user: "clinic",
  // ruleid: javascript-hardcoded-credential
  password: process.env.DB_PASSWORD,
});

function issue(user) {
  // ruleid: javascript-hardcoded-credential
  return jwt.sign({ id: user.id }, process.env.JWT_SECRET);
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
