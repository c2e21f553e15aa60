const { exec, execFile } = require("child_process");
const cp = require("node:child_process");
const express = require("express");
const app = express();

app.get("/ping", (req, res) => {
  const host = req.query.host;
  // ruleid: javascript-command-string-building
  execFile("ping", ["-c", "1", host], (err, out) => res.json({ out }));
});

app.get("/trace", (req, res) => {
  // ruleid: javascript-command-string-building
  const out = cp.execFileSync("traceroute", [req.query.host]);
  res.json({ out: out.toString() });
});

app.post("/convert", (req, res) => {
  // ruleid: javascript-command-string-building
  cp.spawn("convert", [req.body.file, "out.png"]);
  res.sendStatus(202);
});

app.get("/safe/vector", (req, res) => {
  // ok: javascript-command-string-building
  execFile("ping", ["-c", "1", req.query.host], (err, out) => res.json({ out }));
});

app.get("/safe/constant", (req, res) => {
  const tool = "uptime";
  // ok: javascript-command-string-building
  exec(tool + " --pretty", (err, out) => res.json({ out }));
});

app.get("/safe/checked", (req, res) => {
  const host = req.query.host;
  if (!/^[a-z0-9-]+$/.test(host)) {
    return res.sendStatus(400);
  }
  // ok: javascript-command-string-building
  exec("ping -c 1 " + host, (err, out) => res.json({ out }));
});
