const express = require("express");
const session = require("express-session");
const { sessionSecret } = require("./config");

const app = express();
app.set("view engine", "ejs");
app.use(express.urlencoded({ extended: false }));
app.use(session({ secret: sessionSecret, resave: false, saveUninitialized: false }));

app.use(require("./patients"));
app.use(require("./messages"));
app.use(require("./diagnostics"));

app.listen(process.env.PORT || 3000);
