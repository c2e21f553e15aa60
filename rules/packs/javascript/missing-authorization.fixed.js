const express = require("express");
const { requireAuth } = require("./auth");
const app = express();

app.get("/patients/:id", requireAuth, (req, res) => res.json(load(req.params.id)));

// ruleid: javascript-missing-authorization
app.post("/patients/:id/delete", requireAuth, (req, res) => {
  remove(req.params.id);
  res.sendStatus(204);
});

// ruleid: javascript-missing-authorization
app.delete("/recordings/:id", requireAuth, async (req, res) => {
  await erase(req.params.id);
  res.sendStatus(204);
});

// ruleid: javascript-missing-authorization
app.put("/visits/:id", requireAuth, (req, res) => {
  save(req.params.id, req.body);
  res.sendStatus(204);
});

// ok: javascript-missing-authorization
app.delete("/visits/:id", requireAuth, (req, res) => {
  remove(req.params.id);
  res.sendStatus(204);
});

// ok: javascript-missing-authorization
app.post("/login", (req, res) => {
  res.json(signIn(req.body));
});

// ok: javascript-missing-authorization
app.post("/notes/:id", (req, res) => {
  if (!req.user || req.user.role !== "doctor") {
    return res.sendStatus(403);
  }
  save(req.params.id, req.body);
  res.sendStatus(204);
});

// ok: javascript-missing-authorization
app.get("/health", (req, res) => res.send("ok"));
