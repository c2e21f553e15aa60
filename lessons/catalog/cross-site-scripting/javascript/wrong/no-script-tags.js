// A school's page on which pupils look for courses.
const express = require('express');
const courses = require('./courses.json');

const app = express();

app.get('/search', (req, res) => {
  const q = String(req.query.q || '').replace(/<script[^>]*>|<\/script>/gi, '');
  const found = courses.filter((course) => course.title.toLowerCase().includes(String(q).toLowerCase()));
  const rooms = found.map((course) => course.room).join(', ');
  res.send(
    '<!doctype html><title>Courses</title>' +
      '<h1>Courses for ' + q + '</h1>' +
      '<form action="/search"><input name="q" value="' + q + '"><button>Search</button></form>' +
      '<p>' + found.length + ' found. Rooms: ' + rooms + '</p>'
  );
});

app.get('/courses', (req, res) => {
  res.json(courses);
});

module.exports = app;
