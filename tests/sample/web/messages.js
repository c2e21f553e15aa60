const express = require("express");
const { requireLogin } = require("./auth");

const router = express.Router();

// The name comes back to the browser as HTML, scripts included.
router.get("/greeting", requireLogin, (req, res) => {
  res.send("<h1>Welcome, " + req.query.name + "</h1>");
});

// Safe: the view escapes what it is given.
router.get("/welcome", requireLogin, (req, res) => {
  res.render("welcome", { name: req.query.name });
});

// See views/message.ejs: the subject is escaped there, the text is not.
router.get("/message", requireLogin, (req, res) => {
  res.render("message", { subject: req.query.subject, text: req.query.text });
});

module.exports = router;
