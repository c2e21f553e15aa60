from flask import Flask
from flask_login import LoginManager

import config
from diagnostics import diagnostics
from patients import patients
from recordings import recordings
from users import load_user

app = Flask(__name__)
app.secret_key = config.SESSION_KEY

login_manager = LoginManager(app)
login_manager.user_loader(load_user)

app.register_blueprint(patients)
app.register_blueprint(recordings)
app.register_blueprint(diagnostics)
