const express = require("express");
const escapeHtml = require("escape-html");
const app = express();

app.get("/hello", (req, res) => {
  // ruleid: javascript-html-string-building
  res.send("<h1>Hello " + req.query.name + "</h1>");
});

app.get("/profile/:name", (req, res) => {
  const title = `<title>${req.params.name}</title>`;
  // ruleid: javascript-html-string-building
  res.status(200).send(title);
});

app.use((req, res) => {
  // ruleid: javascript-html-string-building
  res.status(404).send("<p>Nothing at " + req.originalUrl + "</p>");
});

app.get("/safe/escaped", (req, res) => {
  // ok: javascript-html-string-building
  res.send("<h1>Hello " + escapeHtml(req.query.name) + "</h1>");
});

app.get("/safe/json", (req, res) => {
  // ok: javascript-html-string-building
  res.send({ name: req.query.name });
});

app.get("/safe/template", (req, res) => {
  // ok: javascript-html-string-building
  res.render("hello", { name: req.query.name });
});

app.get("/safe/constant", (req, res) => {
  const name = "reader";
  // ok: javascript-html-string-building
  res.send("<h1>Hello " + name + "</h1>");
});

function welcome() {
  const name = new URLSearchParams(window.location.search).get("name");
  const box = document.getElementById("welcome");
  // ruleid: javascript-dom-html-assignment
  box.innerHTML = name;
  // ruleid: javascript-dom-html-assignment
  document.write("<p>" + location.hash + "</p>");
  // ruleid: javascript-dom-html-assignment
  box.innerHTML = document.referrer;
  // ok: javascript-dom-html-assignment
  box.textContent = name;
  // ok: javascript-dom-html-assignment
  box.innerHTML = "<b>welcome</b>";
  // ok: javascript-dom-html-assignment
  box.innerHTML = DOMPurify.sanitize(name);
}

async function comments(list) {
  const answer = await fetch("/api/comments");
  const comment = await answer.json();
  // ruleid: javascript-dom-html-response
  list.innerHTML = comment.text;
}

async function threads(list, title) {
  const { data } = await axios.get("/api/threads");
  // ruleid: javascript-dom-html-response
  list.innerHTML = data.title;
  // ruleid: javascript-dom-html-response
  title.innerHTML = localStorage.getItem("title");
  // ok: javascript-dom-html-response
  title.textContent = data.title;
  // ok: javascript-dom-html-response
  list.innerHTML = escapeHtml(data.title);
  // ok: javascript-dom-html-response
  list.innerHTML = DOMPurify.sanitize(data.body);
}

async function preview(pane, legacy) {
  const answer = await fetch("/preview");
  const page = await answer.text();
  // ruleid: javascript-dom-html-fetched
  pane.innerHTML = page;
  const form = await (await fetch("/form")).text();
  // ruleid: javascript-dom-html-fetched
  legacy.innerHTML = "<section>" + form + "</section>";
  const old = new XMLHttpRequest();
  // ruleid: javascript-dom-html-fetched
  legacy.innerHTML = old.responseText;
  // ok: javascript-dom-html-fetched
  pane.textContent = page;
  // ok: javascript-dom-html-fetched
  pane.innerHTML = "<p>no preview</p>";
  // ok: javascript-dom-html-fetched
  pane.innerHTML = DOMPurify.sanitize(page);
}

function Bio({ bio, user }) {
  return (
    <section>
      {/* ruleid: javascript-react-unescaped-html */}
      <div dangerouslySetInnerHTML={{ __html: bio }} />
      {/* ruleid: javascript-react-unescaped-html */}
      <p className="about" dangerouslySetInnerHTML={{ __html: user.about }}></p>
      {/* ruleid: javascript-react-unescaped-html */}
      <span dangerouslySetInnerHTML={{ __html: "<b>" + user.name + "</b>" }} />
      {/* ok: javascript-react-unescaped-html */}
      <div>{bio}</div>
      {/* ok: javascript-react-unescaped-html */}
      <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(bio) }} />
      {/* ok: javascript-react-unescaped-html */}
      <div dangerouslySetInnerHTML={{ __html: "<hr>" }} />
    </section>
  );
}
