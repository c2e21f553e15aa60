// The password stands in every clone, every backup and every image of this program.
const database = {
  host: process.env.DB_HOST || "localhost",
  user: "clinic",
  password: "tr4uma-Unit-7-north",
  database: "clinic",
};

// Safe: it comes from the environment.
const sessionSecret = process.env.SESSION_SECRET;

module.exports = { database, sessionSecret };
