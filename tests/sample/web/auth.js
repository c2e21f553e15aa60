// Who may do what. A route that changes something asks for a role.
function requireLogin(req, res, next) {
  if (!req.session.user) return res.redirect("/login");
  next();
}

function requireRole(role) {
  return (req, res, next) => {
    if (!req.session.user || req.session.user.role !== role) return res.sendStatus(403);
    next();
  };
}

module.exports = { requireLogin, requireRole };
