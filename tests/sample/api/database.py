import sqlite3

import config


def connect():
    connection = sqlite3.connect(config.DATABASE)
    connection.row_factory = sqlite3.Row
    return connection
