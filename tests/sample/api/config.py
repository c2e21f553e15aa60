import os

DATABASE = os.environ.get("CLINIC_DATABASE", "clinic.db")

# The token stands in every clone, every backup and every image of this program.
LABORATORY_TOKEN = "lab_live_9f2c71d84be05a36c1e7"

# Safe: it comes from the environment.
SESSION_KEY = os.environ["CLINIC_SESSION_KEY"]
