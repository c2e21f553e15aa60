// A school's page on which pupils look for courses.
const express = require('express');
const courses = require('./courses.json');

const app = express();

app.get('/search', (req, res) => {
  const q = req.query.q || '';
  const found = courses.filter((course) => course.title.toLowerCase().includes(String(q).toLowerCase()));
  const rooms = found.map((course) => course.room).join(', ');
  const shown = String(q).replace(/</g, '&lt;').replace(/>/g, '&gt;');
  res.send(
    '<!doctype html><title>Courses</title>' +
      '<h1>Courses for ' + shown + '</h1>' +
      '<form action="/search"><input name="q" value="' + shown + '"><button>Search</button></form>' +
      '<p>' + found.length + ' found. Rooms: ' + rooms + '</p>'
  );
});

app.get('/courses', (req, res) => {
  res.json(courses);
});

module.exports = app;
