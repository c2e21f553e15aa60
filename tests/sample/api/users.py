from flask_login import UserMixin

from database import connect


class User(UserMixin):
    def __init__(self, id, roles):
        self.id = id
        self.roles = roles

    def has_role(self, role):
        return role in self.roles


def load_user(user_id):
    row = connect().execute("SELECT id, roles FROM users WHERE id = ?", (user_id,)).fetchone()
    return User(row["id"], row["roles"].split(",")) if row else None
